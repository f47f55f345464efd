//! JavaScript's values, as the core looks at them.

use crate::json::{Json, Kind};
use js_sys::Array;
use std::cell::RefCell;
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
    /// Property names as JavaScript strings, and lists of them, made once each: to make one costs more than to read a
    /// property.
    static NAMES: RefCell<Vec<(*const u8, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// The value made once for what lies at `place`: compared by address, since one literal is one entry.
fn once<T>(
    place: *const u8,
    make: impl FnOnce() -> JsValue,
    then: impl FnOnce(&JsValue) -> T,
) -> T {
    NAMES.with_borrow_mut(|names| {
        let known = names.iter().position(|(known, _)| *known == place);
        let index = known.unwrap_or_else(|| {
            names.push((place, make()));
            names.len() - 1
        });
        match names.get(index) {
            Some((_, name)) => then(name),
            None => then(&JsValue::UNDEFINED),
        }
    })
}

/// The property of a plain object; absent where it is no object.
#[inline(never)]
pub fn get(value: &JsValue, name: &'static str) -> JsValue {
    if !value.is_object() {
        return JsValue::UNDEFINED;
    }
    once(
        name.as_ptr(),
        || JsValue::from_str(name),
        |name| value.unchecked_ref::<Plain>().at(name),
    )
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
