//! What an HTTP status means, and what may be told of an error's body.

use crate::error::{Code, Error, concat, digits};
use crate::json::Json;
use crate::retry::{Hints, is_retryable, requested_wait_ms};
use crate::text::{contains, is_one_of, parts};

/// The most bytes of JSON that are read, decoded.
pub const LARGEST_JSON: u32 = 8 * 1024 * 1024;
/// The most bytes of an error's body that are read for its code.
pub const LARGEST_ERROR: u32 = 64 * 1024;

/// The error that a status other than 2xx stands for.
pub fn refusal(status: u16, hints: Hints<'_>, now_ms: f64) -> Error {
    let (code, sentence) = match status {
        300..=399 => (
            Code::Redirected,
            "the answer is a redirect, and none is followed",
        ),
        401 => (Code::Unauthorized, "the credentials were not accepted"),
        403 => (Code::Forbidden, "the token does not allow this"),
        404 => (Code::NotFound, "there is no such thing"),
        409 => (Code::Conflict, "the request is in no state for this"),
        429 => (Code::RateLimited, "too many requests"),
        400..=499 => (Code::Rejected, "the request was refused"),
        500..=599 => (Code::Upstream, "the service failed"),
        _ => (
            Code::BadResponse,
            "the answer has no status that HTTP knows",
        ),
    };
    let mut error = Error::new(
        code,
        &concat(&[sentence, " (status ", &digits(status.into()), ")"]),
    );
    error.status = Some(status);
    if is_retryable(status) {
        error.retryable = true;
        error.retry_after_ms = requested_wait_ms(status, hints, now_ms);
    }
    error
}

/// Upstream's own error code, from any of the shapes in which the two services have been seen to put it:
/// `{error, error_description}`, `{error_code, message, statusCode}`, `{code}`.
///
/// `secrets` are what the request carried: an answer that echoes one has no code.
pub fn upstream_code<J: Json>(body: &J, secrets: &[&str]) -> Option<String> {
    parts("error error_code code", b" ")
        .find_map(|name| body.get(name).text())
        .filter(|code| is_code(code) && is_harmless(code, 64, secrets))
}

/// Upstream's id of the request, if it looks like one.
pub fn request_id(header: &str, secrets: &[&str]) -> Option<String> {
    is_harmless(header, 128, secrets).then(|| header.to_owned())
}

/// A word as programmers write codes: of one case, a letter first. That lets no number, date, DID or name in its usual
/// spelling through; a name in lower case cannot be told apart from a code.
fn is_code(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && !contains(text, ":")
        && !(text.bytes().any(|byte| byte.is_ascii_uppercase())
            && text.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// Short, of an alphabet that holds no sentence and no e-mail address, and no part of a secret.
fn is_harmless(text: &str, most: usize, secrets: &[&str]) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || is_one_of(byte, b"._:-"))
        && !secrets.iter().any(|secret| {
            !secret.is_empty()
                && (contains(text, secret) || (text.len() >= 6 && contains(secret, text)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_status_has_its_code() {
        let code = |status| refusal(status, Hints::default(), 0.0).code;
        for (status, expected) in [
            (301, Code::Redirected),
            (304, Code::Redirected),
            (308, Code::Redirected),
            (400, Code::Rejected),
            (401, Code::Unauthorized),
            (402, Code::Rejected),
            (403, Code::Forbidden),
            (404, Code::NotFound),
            (408, Code::Rejected),
            (409, Code::Conflict),
            (410, Code::Rejected),
            (418, Code::Rejected),
            (422, Code::Rejected),
            (429, Code::RateLimited),
            (500, Code::Upstream),
            (501, Code::Upstream),
            (502, Code::Upstream),
            (503, Code::Upstream),
            (504, Code::Upstream),
            (599, Code::Upstream),
            (0, Code::BadResponse),
            (199, Code::BadResponse),
            (600, Code::BadResponse),
        ] {
            assert_eq!(code(status), expected, "{status}");
        }
    }

    #[test]
    fn a_refusal_says_whether_and_when_to_try_again() {
        let hints = Hints {
            retry_after: Some("120"),
            reset: None,
        };
        let limited = refusal(429, hints, 0.0);
        assert!(limited.retryable);
        assert_eq!(limited.retry_after_ms, Some(120_000.0));
        assert_eq!(limited.message, "too many requests (status 429)");
        assert_eq!(limited.status, Some(429));
        let refused = refusal(403, hints, 0.0);
        assert_eq!((refused.retryable, refused.retry_after_ms), (false, None));
    }

    #[test]
    fn a_refusal_fits_an_exchange_which_is_about_no_record() {
        for status in [400, 401, 403, 404, 409, 429, 500] {
            let message = &refusal(status, Hints::default(), 0.0).message;
            assert!(!message.contains("record"), "{message}");
        }
    }

    #[test]
    fn codes_are_shown_only_where_they_are_codes() {
        let code = |body: serde_json::Value| upstream_code(&Some(body), &["s3cret-value"]);
        assert_eq!(
            code(json!({"error": "access_denied", "error_description": "x"})).as_deref(),
            Some("access_denied")
        );
        assert_eq!(
            code(json!({"error_code": "ERR.1", "message": "x"})).as_deref(),
            Some("ERR.1")
        );
        // The standard's own name before others (RFC 6749, section 5.2).
        let all = json!({"code": "third", "error_code": "second", "error": "first"});
        assert_eq!(code(all).as_deref(), Some("first"));
        let two = json!({"code": "third", "error_code": "second"});
        assert_eq!(code(two).as_deref(), Some("second"));
        assert_eq!(code(json!({"code": "third"})).as_deref(), Some("third"));
        for personal in [
            "John Smith",
            "JohnSmith",
            "999999999",
            "1990-01-01",
            "did:sol:abc",
        ] {
            assert_eq!(code(json!({"error": personal})), None, "{personal}");
        }
        assert_eq!(code(json!({"error": "john@example.com"})), None);
        assert_eq!(code(json!({"error": "s3cret-value"})), None);
        assert_eq!(code(json!({"error": "x-s3cret-value-y"})), None);
        assert_eq!(code(json!({"error": "s3cret-val"})), None, "a part of one");
        // Six characters of one are a part; five may be a word. An empty one is in everything, and says nothing.
        assert_eq!(code(json!({"error": "s3cret"})), None);
        assert_eq!(code(json!({"error": "value"})).as_deref(), Some("value"));
        let body = Some(json!({"error": "denied"}));
        assert_eq!(upstream_code(&body, &[""]).as_deref(), Some("denied"));
        let long = |length| code(json!({"error": "x".repeat(length)}));
        assert!(long(64).is_some() && long(65).is_none());
        assert_eq!(code(json!({"error": ""})), None);
        assert_eq!(code(json!({"error": {"code": "x"}})), None);
        assert_eq!(code(json!([])), None);
        assert_eq!(
            request_id("0b0e7c1e-8d3a", &[]).as_deref(),
            Some("0b0e7c1e-8d3a")
        );
        assert_eq!(request_id(&"x".repeat(129), &[]), None);
    }
}
