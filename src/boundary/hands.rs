//! What the core says, put where the package's JavaScript finds it: `pkg-template/hands.js`.

use super::seen::Seen;
use crate::error::{Error, concat, digits};
use crate::evidence::media_range;
use crate::link::origin;
use crate::request::Request;
use crate::screening::Finding;
use crate::token::AccessToken;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A text of what comes next, and is told of by one of the others: one import that takes texts, in place of five.
    #[wasm_bindgen(js_namespace = hands, js_name = line)]
    fn hand_line(text: &[u8]);
    /// An address; where it is no `GET` of JSON, what it accepts; where it has a body, method, type and text.
    #[wasm_bindgen(js_namespace = hands, js_name = request)]
    fn hand_request(bearer: i32);
    /// A message, upstream's code and its id of the request.
    #[wasm_bindgen(js_namespace = hands, js_name = fault)]
    fn hand_fault(code: i32, status: i32, retryable: i32, retry_after_ms: f64);
    /// A code, a field and a message.
    #[wasm_bindgen(js_namespace = hands, js_name = finding)]
    fn hand_finding(severity: i32);
    /// A text.
    #[wasm_bindgen(js_namespace = hands, js_name = result)]
    fn hand_result();
    /// A token, its type, and its scopes.
    #[wasm_bindgen(js_namespace = hands, js_name = token)]
    fn hand_token(expires_at: f64, leeway: f64);
}

fn line(text: &str) {
    hand_line(text.as_bytes());
}

/// A request to be sent.
pub fn send(request: &Request) {
    line(&request.url);
    if request.body.is_some() || request.accept != crate::request::JSON {
        line(&request.accept);
    }
    if let Some((content_type, body)) = &request.body {
        line(request.method);
        line(content_type);
        line(body);
    }
    hand_request(request.bearer.into());
}

/// What went wrong. A status of 0 is none, and so are an empty text and a negative wait.
pub fn fault(error: &Error) {
    line(&error.message);
    line(error.upstream_code.as_deref().unwrap_or_default());
    line(error.request_id.as_deref().unwrap_or_default());
    hand_fault(
        error.code as i32,
        error.status.unwrap_or(0).into(),
        error.retryable.into(),
        error.retry_after_ms.unwrap_or(-1.0),
    );
}

/// What the call gives, where it is not the answer itself.
pub fn result(text: &str) {
    line(text);
    hand_result();
}

/// A token.
pub fn token(token: &AccessToken) {
    line(&token.access_token);
    line(&token.token_type);
    token.scopes.iter().for_each(|scope| line(scope));
    hand_token(token.expires_at, token.leeway);
}

/// One thing to notice about a record. An empty field is none.
pub fn finding(it: &Finding) {
    line(it.code);
    line(it.field.unwrap_or_default());
    line(it.message);
    hand_finding(it.severity as i32);
}

/// The strings of a list that JavaScript checked to be one.
pub fn texts(list: Seen) -> Vec<String> {
    crate::json::texts(&list, None)
}

/// What a list of the caller's holds.
#[derive(Clone, Copy)]
pub enum Of {
    /// Origins that evidence may come from.
    Origins,
    /// Types that it may have.
    Types,
}

/// The same, each judged and named by its place.
///
/// # Errors
/// `invalid_argument`
pub fn strings(list: Seen, name: &str, of: Of) -> Result<Vec<String>, Error> {
    let mut texts = texts(list);
    for (text, index) in texts.iter_mut().zip(0..) {
        let name = concat(&[name, "[", &digits(index), "]"]);
        *text = match of {
            Of::Origins => origin(text, &name)?,
            Of::Types => media_range(text, &name)?,
        };
    }
    Ok(texts)
}
