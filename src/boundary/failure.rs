//! How a call ends badly: the core's error, and the value that JavaScript sees.

use super::js::{look, set};
use crate::error::{Code, Error};
use crate::json::Misfit;
use wasm_bindgen::prelude::*;

/// Why an attempt failed.
pub enum Failure {
    /// In the core's words.
    Known {
        /// The error.
        error: Error,
        /// The caller's abort reason, or what is safe to tell of somebody's exception.
        cause: JsValue,
    },
    /// An error that is complete already: it comes from a token provider, and passes as it is.
    Told(JsValue),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Known {
            error,
            cause: JsValue::UNDEFINED,
        }
    }
}

impl From<Misfit> for Failure {
    fn from(misfit: Misfit) -> Self {
        Error::from(misfit).into()
    }
}

impl Failure {
    /// A failure of this code, for this reason, worth another try or not.
    pub fn because(code: Code, message: &str, retryable: bool, thrown: &JsValue) -> Self {
        let mut error = Error::new(code, message);
        error.retryable = retryable;
        Self::Known {
            error,
            cause: harmless(thrown),
        }
    }

    /// The caller's abort, with its own reason.
    pub fn aborted(reason: JsValue) -> Self {
        Self::Known {
            error: Error::new(Code::Aborted, "the caller aborted the call"),
            cause: reason,
        }
    }

    /// The core's error, where there is one.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Known { error, .. } => Some(error),
            Self::Told(_) => None,
        }
    }

    /// The same failure, of an answer with this status, where the answer's body is what failed.
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        if let Self::Known { error, .. } = &mut self
            && matches!(
                error.code,
                Code::BadResponse
                    | Code::TooLarge
                    | Code::UnsupportedMedia
                    | Code::Network
                    | Code::Timeout
            )
        {
            error.status = error.status.or(status);
        }
        self
    }

    /// Whether it is of that code.
    pub fn is(&self, code: Code) -> bool {
        self.error().is_some_and(|error| error.code == code)
    }

    /// Its code and status, whoever told it.
    pub fn summary(&self) -> (Option<String>, Option<u16>) {
        match self {
            Self::Known { error, .. } => (Some(error.code.as_str().to_owned()), error.status),
            Self::Told(told) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it was a status before"
                )]
                let status = look(told, "status").as_f64().map(|status| status as u16);
                (look(told, "code").as_string(), status)
            }
        }
    }

    /// What JavaScript catches: an `Error` with the fields of `PassdeskError`, which the package's entry makes one.
    pub fn into_js(self, operation: &'static str, attempts: u32) -> JsValue {
        let (error, cause) = match self {
            Self::Told(value) => return value,
            Self::Known { error, cause } => (error, cause),
        };
        let told = JsValue::from(js_sys::Error::new(&error.message));
        set(&told, "name", &"PassdeskError".into());
        set(&told, "code", &error.code.as_str().into());
        set(&told, "operation", &operation.into());
        set(&told, "attempts", &attempts.into());
        set(&told, "retryable", &error.retryable.into());
        let optional = |name, value: Option<JsValue>| {
            if let Some(value) = value {
                set(&told, name, &value);
            }
        };
        optional("status", error.status.map(JsValue::from));
        optional("retryAfterMs", error.retry_after_ms.map(JsValue::from));
        optional("upstreamCode", error.upstream_code.map(JsValue::from));
        optional("requestId", error.request_id.map(JsValue::from));
        optional("cause", (!cause.is_undefined()).then_some(cause));
        told
    }
}

/// What may be told of an exception that is not ours: its name and its code. Never its message: Deno's holds
/// the whole URL, and a replaced `fetch` may say anything.
fn harmless(thrown: &JsValue) -> JsValue {
    let word = |value: &JsValue, allowed: fn(u8) -> bool| {
        value
            .as_string()
            .filter(|text| (1..=40).contains(&text.len()) && text.bytes().all(allowed))
    };
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let code = word(&look(thrown, "code"), upper)
        .or_else(|| word(&look(&look(thrown, "cause"), "code"), upper));
    let known = [
        "Error",
        "TypeError",
        "RangeError",
        "AbortError",
        "TimeoutError",
        "NetworkError",
        "SyntaxError",
    ];
    let name = word(&look(thrown, "name"), |byte| byte.is_ascii_alphabetic())
        .filter(|name| known.contains(&name.as_str()));
    if code.is_none() && name.is_none() {
        return JsValue::UNDEFINED;
    }
    let name = name.unwrap_or_else(|| "Error".to_owned());
    let told = JsValue::from(js_sys::Error::new(code.as_deref().unwrap_or(&name)));
    set(&told, "name", &name.into());
    if let Some(code) = code {
        set(&told, "code", &code.into());
    }
    told
}
