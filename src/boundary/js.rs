//! JavaScript, as far as it is needed: bindings that cannot throw past us, and eyes for the core.

use crate::json::{Json, Kind};
use js_sys::{Array, Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn stringify(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Promise, js_name = resolve)]
    fn resolve(value: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = Object)]
    fn keys(value: &JsValue) -> Array;
    #[wasm_bindgen(js_namespace = Object)]
    fn assign(target: &JsValue, under: &JsValue, over: &JsValue);

    /// An object whose properties are data: nothing that runs when they are read.
    type Plain;
    #[wasm_bindgen(method, structural, indexing_getter)]
    fn at(this: &Plain, name: &JsValue) -> JsValue;
    #[wasm_bindgen(method, structural, indexing_setter)]
    fn put(this: &Plain, name: &JsValue, value: &JsValue);
}

thread_local! {
    /// Property names as JavaScript strings, made once each: to make one costs more than to read a property.
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

fn with_name<T>(name: &'static str, then: impl FnOnce(&JsValue) -> T) -> T {
    NAMES.with_borrow_mut(|names| {
        // Compared by address: one literal, one entry.
        let known = names
            .iter()
            .position(|(known, _)| std::ptr::eq(*known, name));
        let index = known.unwrap_or_else(|| {
            names.push((name, JsValue::from_str(name)));
            names.len() - 1
        });
        match names.get(index) {
            Some((_, name)) => then(name),
            None => then(&JsValue::from_str(name)),
        }
    })
}

/// The property of a plain object; absent where it is no object.
pub fn get(value: &JsValue, name: &'static str) -> JsValue {
    if !value.is_object() {
        return JsValue::UNDEFINED;
    }
    with_name(name, |name| value.unchecked_ref::<Plain>().at(name))
}

/// Sets the property of an object of our own.
pub fn set(value: &JsValue, name: &'static str, to: &JsValue) {
    with_name(name, |name| value.unchecked_ref::<Plain>().put(name, to));
}

/// The property of anybody's object: what a getter throws is nothing.
pub fn look(value: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// The method of anybody's object.
pub fn method(value: &JsValue, name: &str) -> Option<Function> {
    look(value, name).dyn_into().ok()
}

/// Anybody's object as plain data, or `None` if it is not to be had as such: a getter that throws, a cycle.
pub fn plain(value: &JsValue) -> Option<JsValue> {
    stringify(value).and_then(|text| parse(&text)).ok()
}

/// A number, `true` or `false`, as JSON prints it.
pub fn print(value: &JsValue) -> Option<String> {
    stringify(value).ok()?.as_string()
}

/// The names of a plain object's properties.
pub fn names(value: &JsValue) -> Vec<String> {
    keys(value)
        .iter()
        .filter_map(|name| name.as_string())
        .collect()
}

/// One plain object made of two; `over` counts where both have a property.
pub fn merge(under: &JsValue, over: &JsValue) -> JsValue {
    let merged = JsValue::from(js_sys::Object::new());
    assign(&merged, under, over);
    merged
}

/// Parses JSON, given as a JavaScript string; `None` if it is none.
pub fn parse_text(text: &JsValue) -> Option<JsValue> {
    parse(text).ok()
}

/// Whatever a function of the caller's gave back, as a promise.
///
/// # Errors
/// What its `then` threw.
pub fn promise(value: &JsValue) -> Result<Promise, JsValue> {
    resolve(value)
}

/// The time of day in epoch milliseconds.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// A timer that ends with its owner.
pub struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls back once, unless dropped before.
    pub fn new(ms: f64, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        Self {
            id: set_timeout(callback.as_ref().unchecked_ref(), ms),
            _callback: callback,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
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

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }
}
