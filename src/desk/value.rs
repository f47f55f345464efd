//! JSON on its way out: states, effects and answers, printed in one place.

use crate::json::quote;

/// What can be told to JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A whole number: a time, a count, a status.
    Number(u64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, in this order.
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    /// An object of these properties.
    pub fn object<const N: usize>(properties: [(&'static str, Self); N]) -> Self {
        Self::Object(properties.into())
    }

    /// As JSON.
    pub fn print(&self) -> String {
        let mut text = String::new();
        self.print_into(&mut text);
        text
    }

    fn print_into(&self, into: &mut String) {
        match self {
            Self::Null => into.push_str("null"),
            Self::Flag(flag) => into.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => digits(*number, into),
            Self::Text(text) => quote(text, into),
            Self::List(items) => {
                into.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        into.push(',');
                    }
                    item.print_into(into);
                }
                into.push(']');
            }
            Self::Object(properties) => {
                into.push('{');
                for (index, (name, value)) in properties.iter().enumerate() {
                    if index > 0 {
                        into.push(',');
                    }
                    quote(name, into);
                    into.push(':');
                    value.print_into(into);
                }
                into.push('}');
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Writes a whole number in decimal digits.
pub fn digits(mut number: u64, into: &mut String) {
    let mut reversed = Vec::with_capacity(20);
    loop {
        reversed.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    into.extend(reversed.iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back(text: String, number: u64, flag: bool) {
            let value = Value::object([
                ("text", Value::from(&text)),
                ("list", Value::List(vec![Value::Null, number.into(), flag.into()])),
                ("none", Value::object([])),
            ]);
            let read: serde_json::Value = serde_json::from_str(&value.print()).unwrap();
            let expected = serde_json::json!({ "text": text, "list": [null, number, flag], "none": {} });
            prop_assert_eq!(read, expected);
        }
    }
}
