//! One error for every operation. The code is the contract; the message is prose.
//!
//! No message holds a value: neither an option's, nor a field's, nor anything upstream said in words. What may
//! be shown is the name of an option, the path of a field, a status, and codes of a harmless alphabet.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// What went wrong: a closed set, stable across releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An option is missing, unknown, or of the wrong type or form. Nothing was sent.
    InvalidArgument,
    /// A page passed a client secret. Nothing was sent.
    SecretInBrowser,
    /// The caller's signal aborted.
    Aborted,
    /// An attempt took longer than `timeoutMs`.
    Timeout,
    /// The transport failed before a whole answer was there.
    Network,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 409, or a decision that differs from the one already made.
    Conflict,
    /// 429.
    RateLimited,
    /// Any other 4xx.
    Rejected,
    /// 5xx.
    Upstream,
    /// 3xx: redirects are never followed.
    Redirected,
    /// An answer of the wrong shape.
    BadResponse,
    /// A link that must not be fetched.
    UntrustedLink,
    /// A body over its limit.
    TooLarge,
    /// Evidence whose bytes are of no accepted type.
    UnsupportedMedia,
    /// The WebAssembly module could not be loaded, or failed while running.
    LoadFailed,
}

impl Code {
    /// The code as JavaScript sees it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::SecretInBrowser => "secret_in_browser",
            Self::Aborted => "aborted",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Upstream => "upstream",
            Self::Redirected => "redirected",
            Self::BadResponse => "bad_response",
            Self::UntrustedLink => "untrusted_link",
            Self::TooLarge => "too_large",
            Self::UnsupportedMedia => "unsupported_media",
            Self::LoadFailed => "load_failed",
        }
    }
}

/// A failed attempt, or a call that was refused before its first. Behind one pointer: it is handed on at every step, and
/// its fields by value would be a tenth of the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Details>);

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

/// What there is to tell of an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// The contract.
    pub code: Code,
    /// For people; never holds a value.
    pub message: String,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// How long upstream asked to wait, in milliseconds.
    pub retry_after_ms: Option<f64>,
    /// Upstream's own error code.
    pub upstream_code: Option<String>,
    /// Upstream's id of the request, for its support.
    pub request_id: Option<String>,
}

impl Error {
    /// An error that no repetition mends.
    #[inline(never)]
    pub fn new(code: Code, message: &str) -> Self {
        Self(Box::new(Details {
            code,
            message: message.to_owned(),
            status: None,
            retryable: false,
            retry_after_ms: None,
            upstream_code: None,
            request_id: None,
        }))
    }

    /// The same error, worth another try.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// `` `option` must be … ``: what the caller got wrong, by name.
    #[inline(never)]
    pub fn option(name: &str, expected: &str) -> Self {
        Self::new(
            Code::InvalidArgument,
            &concat(&["`", name, "` must be ", expected]),
        )
    }

    /// `` the answer's `path` must be … ``: what upstream got wrong, by path.
    #[inline(never)]
    pub fn field(path: &str, expected: &str) -> Self {
        Self::new(
            Code::BadResponse,
            &concat(&["the answer's `", path, "` must be ", expected]),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Joins strings. Not `format!`: its machinery would be a tenth of the module.
#[inline(never)]
pub fn concat(parts: &[&str]) -> String {
    let mut whole = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// A whole number in decimal digits.
#[inline(never)]
pub fn digits(number: u32) -> String {
    let mut text = String::new();
    let mut place = 1;
    while number / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        text.push(char::from(b'0' + (number / place % 10) as u8));
        place /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_those_of_the_standard_library(number: u32) {
            prop_assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn codes_are_snake_case_and_distinct() {
        let all = [
            Code::InvalidArgument,
            Code::SecretInBrowser,
            Code::Aborted,
            Code::Timeout,
            Code::Network,
            Code::Unauthorized,
            Code::Forbidden,
            Code::NotFound,
            Code::Conflict,
            Code::RateLimited,
            Code::Rejected,
            Code::Upstream,
            Code::Redirected,
            Code::BadResponse,
            Code::UntrustedLink,
            Code::TooLarge,
            Code::UnsupportedMedia,
            Code::LoadFailed,
        ];
        let mut names: Vec<_> = all.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 18);
        // `Debug` writes the variant's name: the two spellings must say the same.
        for code in all {
            assert_eq!(
                code.as_str().replace('_', ""),
                format!("{code:?}").to_lowercase()
            );
        }
    }
}
