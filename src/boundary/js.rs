//! JavaScript's values, as the core looks at them in the desk's module and for callers in Rust.

use crate::json::{Json, Kind};
use js_sys::Array;
use std::cell::RefCell;
use std::ptr;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[cfg(feature = "desk")]
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;

    #[cfg(feature = "desk")]
    #[wasm_bindgen(js_namespace = Object)]
    fn keys(value: &JsValue) -> Array;

    /// An object whose properties are data: nothing that runs when they are read.
    type Plain;
    #[wasm_bindgen(method, structural, indexing_getter)]
    fn at(this: &Plain, name: &JsValue) -> JsValue;
}

thread_local! {
    /// Property names as JavaScript strings, made once each: to make one costs more than to read a property.
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// The property of a plain object; absent where it is no object.
#[inline(never)]
pub fn get(value: &JsValue, name: &'static str) -> JsValue {
    if !value.is_object() {
        return JsValue::UNDEFINED;
    }
    NAMES.with_borrow_mut(|names| {
        // By where they lie and how long they are: the first of a list of names begins where the list does.
        let known = names.iter().position(|(known, _)| ptr::eq(*known, name));
        let index = known.unwrap_or_else(|| {
            names.push((name, JsValue::from_str(name)));
            names.len() - 1
        });
        match names.get(index) {
            Some((_, name)) => value.unchecked_ref::<Plain>().at(name),
            None => JsValue::UNDEFINED,
        }
    })
}

/// The names of a plain object's properties.
#[cfg(feature = "desk")]
pub fn names(value: &JsValue) -> Vec<String> {
    keys(value)
        .iter()
        .filter_map(|name| name.as_string())
        .collect()
}

/// Parses JSON, given as a JavaScript string; `None` if it is none.
#[cfg(feature = "desk")]
pub fn parse_text(text: &JsValue) -> Option<JsValue> {
    parse(text).ok()
}

impl Json for JsValue {
    fn kind(&self) -> Kind {
        if self.is_string() {
            Kind::String
        } else if self.is_undefined() {
            Kind::Absent
        } else if self.is_null() {
            Kind::Null
        } else if Array::is_array(self) {
            Kind::Array
        } else if self.is_object() {
            Kind::Object
        } else if self.as_bool().is_some() {
            Kind::Boolean
        } else {
            Kind::Number
        }
    }

    fn get(&self, name: &'static str) -> Self {
        get(self, name)
    }

    fn count(&self) -> u32 {
        self.unchecked_ref::<Array>().length()
    }

    fn at(&self, index: u32) -> Self {
        self.unchecked_ref::<Array>().get(index)
    }

    #[inline(never)]
    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }
}
