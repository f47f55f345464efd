//! What came, as it came.

use crate::error::{Code, Error};
use crate::json::Json;
use serde::de::DeserializeOwned;
use std::fmt;
use wasm_bindgen::JsValue;

/// A value of a service's: the very one that the engine parsed, so that no field is lost that nobody knows. The core has looked
/// at those that it relies on; all others are distrusted until you have.
#[derive(Clone)]
pub struct Answer(JsValue);

/// Without what it holds: what is printed ends up in logs.
impl fmt::Debug for Answer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl Answer {
    pub(super) const fn new(value: JsValue) -> Self {
        Self(value)
    }

    /// The value, for JavaScript.
    pub const fn as_js(&self) -> &JsValue {
        &self.0
    }

    /// Reads it as a type of yours, by its field names. A type that holds itself, such as any JSON, is read as deep as the answer
    /// goes, which may be deeper than the stack: give it a limit of its own.
    ///
    /// # Errors
    /// `bad_response` where it does not fit.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // What serde says of a misfit quotes the value, which may be personal.
        serde_wasm_bindgen::from_value(self.0.clone()).map_err(|_| {
            let message = "the answer does not fit the type that it was to be read as";
            Error::new(Code::BadResponse, message)
        })
    }

    /// The text of a field that the core has seen to be one.
    pub(super) fn text(&self, name: &'static str) -> String {
        self.0.get(name).text().unwrap_or_default()
    }
}
