//! JavaScript's values, for the tests that meet them.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

/// What JavaScript says of an expression.
pub fn js(expression: &str) -> JsValue {
    Function::new_no_args(&format!("return ({expression});"))
        .call0(&JsValue::UNDEFINED)
        .unwrap()
}

pub fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

pub fn text(value: &JsValue, name: &str) -> String {
    get(value, name)
        .as_string()
        .unwrap_or_else(|| format!("{name} is no string"))
}
