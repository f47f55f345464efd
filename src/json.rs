//! JSON from upstream, as the core sees it: somebody else's values, looked at but never copied.
//!
//! The engine parses and the same object is handed back to the caller, so the core needs no data model, only
//! eyes. The boundary gives it JavaScript values, the tests `serde_json`'s.

use crate::error::{Error, concat, digits};
use crate::text::{hex, parts};

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not there.
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value to look at.
pub trait Json: Sized {
    /// What it is.
    fn kind(&self) -> Kind;
    /// The property of that name, or an absent value.
    #[must_use]
    fn get(&self, name: &'static str) -> Self;
    /// How many items an array has.
    fn count(&self) -> u32;
    /// The item at that place, or an absent value.
    #[must_use]
    fn at(&self, index: u32) -> Self;
    /// The text of a string.
    fn text(&self) -> Option<String>;
    /// The value of a number.
    fn number(&self) -> Option<f64>;
    /// Whether this object, or every item of this array, has strings under those names, but for those after the first
    /// `required`, which may be `null` or absent. A question of its own, since the boundary answers it in one crossing; a no
    /// only says that a closer look must tell.
    fn fits(&self, names: &'static str, required: u32) -> bool {
        _ = (names, required);
        false
    }
}

/// A value of the wrong shape: where, and what was wanted instead. Never what was there.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    /// As in `links[0].href`; empty for the whole document.
    pub path: String,
    /// As in "a string".
    pub expected: &'static str,
}

impl Misfit {
    /// The same misfit, seen from one level further out.
    #[must_use]
    #[inline(never)]
    pub fn below(mut self, parent: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with("[") {
            ""
        } else {
            "."
        };
        self.path = concat(&[parent, joint, &self.path]);
        self
    }

    /// The same misfit, inside the item of an array.
    #[must_use]
    pub fn inside(self, index: u32) -> Self {
        let parent = concat(&["[", &digits(index), "]"]);
        self.below(&parent)
    }
}

impl From<Misfit> for Error {
    #[inline(never)]
    fn from(misfit: Misfit) -> Self {
        if misfit.path.is_empty() {
            return Self::new(
                crate::error::Code::BadResponse,
                &concat(&["the answer must be ", misfit.expected]),
            );
        }
        Self::field(&misfit.path, misfit.expected)
    }
}

/// Wants a value to be of one kind.
///
/// # Errors
/// The misfit at `name`.
#[inline(never)]
pub fn expect<J: Json>(value: &J, kind: Kind, name: &str) -> Result<(), Misfit> {
    if value.kind() == kind {
        return Ok(());
    }
    Err(Misfit {
        path: name.to_owned(),
        expected: match kind {
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
            Kind::Number => "a number",
            Kind::Boolean => "true or false",
            Kind::Null => "null",
            Kind::Absent => "absent",
        },
    })
}

/// Wants the fields of an object to be strings; those after the first `required` may be `null` or absent.
///
/// # Errors
/// The misfit at the first that is none.
#[inline(never)]
pub fn expect_strings<J: Json>(
    parent: &J,
    fields: &'static str,
    required: u32,
) -> Result<(), Misfit> {
    if parent.fits(fields, required) {
        return Ok(());
    }
    for (name, place) in parts(fields, b" ").zip(0..) {
        let field = parent.get(name);
        if place < required || !matches!(field.kind(), Kind::Null | Kind::Absent) {
            expect(&field, Kind::String, name)?;
        }
    }
    Ok(())
}

/// Wants an array of objects with such fields, of which one at least is required.
///
/// # Errors
/// The first misfit, by path.
#[inline(never)]
pub fn expect_each<J: Json>(list: &J, fields: &'static str, required: u32) -> Result<(), Misfit> {
    expect(list, Kind::Array, "")?;
    if list.fits(fields, required) {
        return Ok(());
    }
    for index in 0..list.count() {
        let item = list.at(index);
        expect(&item, Kind::Object, "")
            .and_then(|()| expect_strings(&item, fields, required))
            .map_err(|misfit| misfit.inside(index))?;
    }
    Ok(())
}

/// The strings of a list, or those under a name in its items.
#[inline(never)]
pub fn texts<J: Json>(list: &J, name: Option<&'static str>) -> Vec<String> {
    let mut texts = Vec::new();
    for index in 0..list.count() {
        let item = list.at(index);
        let text = match name {
            Some(name) => item.get(name).text(),
            None => item.text(),
        };
        if let Some(text) = text {
            texts.push(text);
        }
    }
    texts
}

/// Writes a string as a JSON literal (RFC 8259, section 7).
#[inline(never)]
pub fn quote(text: &str, into: &mut String) {
    into.push('"');
    let mut rest = text;
    // What needs an escape is ASCII; what stands before it goes in as it is.
    while let Some(at) = rest
        .bytes()
        .position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
    {
        let (plain, from) = rest.split_at_checked(at).unwrap_or_default();
        let (odd, after) = from.split_at_checked(1).unwrap_or_default();
        into.push_str(plain);
        if let Some(control @ ..b' ') = odd.bytes().next() {
            into.push_str("\\u00");
            hex(control, b"0123456789abcdef", into);
        } else {
            into.push('\\');
            into.push_str(odd);
        }
        rest = after;
    }
    into.push_str(rest);
    into.push('"');
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// `None` is an absent value, so that a JSON `null` stays one.
    impl Json for Option<Value> {
        fn kind(&self) -> Kind {
            match self {
                None => Kind::Absent,
                Some(Value::Null) => Kind::Null,
                Some(Value::Bool(_)) => Kind::Boolean,
                Some(Value::Number(_)) => Kind::Number,
                Some(Value::String(_)) => Kind::String,
                Some(Value::Array(_)) => Kind::Array,
                Some(Value::Object(_)) => Kind::Object,
            }
        }
        fn get(&self, name: &'static str) -> Self {
            self.as_ref()?.get(name).cloned()
        }
        fn count(&self) -> u32 {
            self.as_ref()
                .and_then(Value::as_array)
                .map_or(0, |items| items.len() as u32)
        }
        fn at(&self, index: u32) -> Self {
            self.as_ref()?.get(index as usize).cloned()
        }
        fn text(&self) -> Option<String> {
            self.as_ref()?.as_str().map(str::to_owned)
        }
        fn number(&self) -> Option<f64> {
            self.as_ref()?.as_f64()
        }
    }

    proptest! {
        #[test]
        fn quoted_text_reads_back(text: String) {
            let mut literal = String::new();
            quote(&text, &mut literal);
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
        }
    }

    /// Seldom among texts at random, and an identity provider's secret may hold any of them.
    #[test]
    fn each_ascii_character_reads_back() {
        for character in '\0'..='\u{80}' {
            let text = format!("a{character}b");
            let mut literal = String::new();
            quote(&text, &mut literal);
            assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
        }
    }

    #[test]
    fn a_misfit_names_its_path() {
        let misfit = Misfit {
            path: "href".into(),
            expected: "a string",
        };
        assert_eq!(misfit.inside(3).below("links").path, "links[3].href");
        let whole = Misfit {
            path: String::new(),
            expected: "an object",
        };
        assert_eq!(Error::from(whole).message, "the answer must be an object");
    }
}
