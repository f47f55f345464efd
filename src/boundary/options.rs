//! The options of a call, as the package's entry settled them: plain data, each read once, no unknown names.

use super::js::{self, get, plain};
use crate::error::{Error, concat, digits};
use crate::json::{Json, Kind};
use crate::link::Address;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// One call's options.
#[derive(Clone)]
pub struct Options(pub JsValue);

impl Options {
    /// The option as it came; `undefined` where it is not set.
    pub fn get(&self, name: &'static str) -> JsValue {
        get(&self.0, name)
    }

    /// A string, where it is set.
    pub fn optional(&self, name: &'static str) -> Result<Option<String>, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(None);
        }
        value
            .as_string()
            .map(Some)
            .ok_or_else(|| Error::option(name, "a string"))
    }

    /// A string that must be there.
    pub fn required(&self, name: &'static str) -> Result<String, Error> {
        self.get(name)
            .as_string()
            .ok_or_else(|| Error::option(name, "a string"))
    }

    /// A whole number, or the default.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie between two of u32"
    )]
    pub fn whole(
        &self,
        name: &'static str,
        least: u32,
        most: u32,
        default: u32,
    ) -> Result<u32, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(default);
        }
        value
            .as_f64()
            .filter(|number| {
                *number >= f64::from(least) && *number <= f64::from(most) && number.fract() == 0.0
            })
            .map(|number| number as u32)
            .ok_or_else(|| {
                Error::option(
                    name,
                    &concat(&[
                        "a whole number from ",
                        &digits(least),
                        " to ",
                        &digits(most),
                    ]),
                )
            })
    }

    /// A function, where it is set.
    pub fn function(&self, name: &'static str) -> Result<Option<Function>, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(None);
        }
        value
            .dyn_into()
            .map(Some)
            .map_err(|_| Error::option(name, "a function"))
    }

    /// `true` or `false`; `false` where it is not set.
    pub fn flag(&self, name: &'static str) -> Result<bool, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(false);
        }
        value
            .as_bool()
            .ok_or_else(|| Error::option(name, "true or false"))
    }

    /// The caller's own object, as plain data: whatever lives in its getters is over once this returns.
    pub fn object(&self, name: &'static str) -> Result<JsValue, Error> {
        let value = self.get(name);
        let fits = value.kind() == Kind::Object;
        fits.then(|| plain(&value))
            .flatten()
            .filter(|value| value.kind() == Kind::Object)
            .ok_or_else(|| Error::option(name, "an object of plain data"))
    }

    /// Strings, each judged and named by its place; none where it is not set.
    pub fn strings(
        &self,
        name: &'static str,
        judge: fn(&str, &str) -> Result<String, Error>,
    ) -> Result<Vec<String>, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(Vec::new());
        }
        let list = Some(&value)
            .filter(|value| value.kind() == Kind::Array)
            .and_then(plain)
            .ok_or_else(|| Error::option(name, "an array of strings"))?;
        (0..list.count())
            .map(|index| {
                let place = concat(&[name, "[", &digits(index), "]"]);
                let text = list
                    .at(index)
                    .text()
                    .ok_or_else(|| Error::option(&place, "a string"))?;
                judge(&text, &place)
            })
            .collect()
    }

    /// The option `baseUrl`, or its default.
    pub fn base(&self, default: &str) -> Result<Address, Error> {
        let text = self.optional("baseUrl")?;
        Address::base(text.as_deref().unwrap_or(default), "baseUrl")
    }

    /// These options over those: what is set here counts.
    pub fn over(&self, under: &Self) -> Self {
        Self(js::merge(&under.0, &self.0))
    }

    /// The caller's signal, if it is one: of any realm, so by its form and not by its class.
    pub fn signal(&self) -> Result<Option<JsValue>, Error> {
        let value = self.get("signal");
        if value.is_undefined() {
            return Ok(None);
        }
        let fits = js::look(&value, "aborted").as_bool().is_some()
            && js::method(&value, "addEventListener").is_some();
        fits.then_some(Some(value))
            .ok_or_else(|| Error::option("signal", "an AbortSignal"))
    }
}
