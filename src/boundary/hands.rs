//! What the core says, put where the package's JavaScript finds it: `pkg-template/hands.js`.

use super::seen::Seen;
use crate::error::{Error, concat, digits};
use crate::evidence::media_range;
use crate::json::Json;
use crate::link::origin;
use crate::request::Request;
use crate::screening::Finding;
use crate::token::AccessToken;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = hands, js_name = send)]
    fn hand_send(url: &str, bearer: bool);
    #[wasm_bindgen(js_namespace = hands, js_name = accept)]
    fn hand_accept(accept: &str);
    #[wasm_bindgen(js_namespace = hands, js_name = body)]
    fn hand_body(method: &str, content_type: &str, body: &str);
    #[wasm_bindgen(js_namespace = hands, js_name = fault)]
    fn hand_fault(code: u32, message: &str, status: u32, retryable: bool, retry_after_ms: f64);
    #[wasm_bindgen(js_namespace = hands, js_name = upstream)]
    fn hand_upstream(code: &str, request_id: &str);
    #[wasm_bindgen(js_namespace = hands, js_name = finding)]
    fn hand_finding(code: &str, severity: u32, field: &str, message: &str);
    #[wasm_bindgen(js_namespace = hands, js_name = result)]
    fn hand_result(text: &str);
    #[wasm_bindgen(js_namespace = hands, js_name = token)]
    fn hand_token(access_token: &str, token_type: &str, expires_at: f64, leeway: f64);
    #[wasm_bindgen(js_namespace = hands, js_name = scope)]
    fn hand_scope(scope: &str);
}

/// A request to be sent.
pub fn send(request: &Request) {
    hand_send(&request.url, request.bearer);
    if request.accept != crate::request::JSON {
        hand_accept(&request.accept);
    }
    if let Some((content_type, body)) = &request.body {
        hand_body(request.method, content_type, body);
    }
}

/// What went wrong. A status of 0 is none, and so is a negative wait.
pub fn fault(error: &Error) {
    hand_fault(
        error.code as u32,
        &error.message,
        error.status.unwrap_or(0).into(),
        error.retryable,
        error.retry_after_ms.unwrap_or(-1.0),
    );
    let code = error.upstream_code.as_deref().unwrap_or_default();
    let request_id = error.request_id.as_deref().unwrap_or_default();
    if !code.is_empty() || !request_id.is_empty() {
        hand_upstream(code, request_id);
    }
}

/// What the call gives, where it is not the answer itself.
pub fn result(text: &str) {
    hand_result(text);
}

/// A token.
pub fn token(token: &AccessToken) {
    hand_token(
        &token.access_token,
        &token.token_type,
        token.expires_at,
        token.leeway,
    );
    for scope in &token.scopes {
        hand_scope(scope);
    }
}

/// One thing to notice about a record. An empty field is none.
pub fn finding(it: &Finding) {
    let field = it.field.unwrap_or_default();
    hand_finding(it.code, it.severity as u32, field, it.message);
}

/// The strings of a list that JavaScript checked to be one.
pub fn texts(list: Seen) -> Vec<String> {
    (0..list.count())
        .filter_map(|index| list.at(index).text())
        .collect()
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
