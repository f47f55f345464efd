//! One request out, one answer in.
//!
//! gloo-net's whole is too dear here: its `Request` takes no `fetch` but the global one, a `Request` that carries a
//! signal costs Node 1.6 to 1.75 times a bare call, and `send` panics on an abort reason that is no `Error`; its
//! `Response` panics where a replaced `fetch` brings headers that throw. Its parts serve where the answer is ours
//! (`evidence`).

use super::body;
use super::call::Call;
use super::failure::Failure;
use super::js::{Timer, look, method, now, promise, set};
use super::token::Bearer;
use crate::error::{Code, Error, concat};
use crate::request::Request;
use crate::response::{refusal, request_id, upstream_code};
use crate::retry::Hints;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

/// One attempt under way: its clock, and the hand on the platform's own request. Dropped before it is done, it
/// tears the request down.
pub struct Attempt {
    /// The call that it belongs to.
    pub call: Rc<Call>,
    controller: AbortController,
    done: Cell<bool>,
    /// The clock of the try that it is part of.
    _clock: Option<Rc<Timer>>,
}

impl Attempt {
    fn start(call: &Rc<Call>) -> Result<Self, Failure> {
        let controller = AbortController::new().map_err(|thrown| {
            Failure::because(
                Code::LoadFailed,
                "this runtime has no AbortController",
                false,
                &thrown,
            )
        })?;
        Ok(Self {
            call: call.clone(),
            controller,
            done: Cell::new(false),
            _clock: call.clock.borrow().clone(),
        })
    }

    /// The whole answer was read: there is nothing to tear down.
    pub fn finish(&self) {
        self.done.set(true);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.done.get() {
            self.controller.abort();
        }
    }
}

/// An answer with a status of 2xx. Its attempt lasts as long as it does.
pub struct Answer {
    /// The answer: anybody's object, if the caller's `fetch` made it.
    pub response: JsValue,
    /// Its status.
    pub status: u16,
    /// The attempt that it ends.
    pub attempt: Attempt,
}

impl Answer {
    /// A header, where it can be read.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = look(&self.response, "headers");
        let value = method(&headers, "get")?.call1(&headers, &JsValue::from_str(name));
        value.ok()?.as_string()
    }
}

/// Sends a request and accepts any answer of 2xx.
pub async fn send(call: &Rc<Call>, request: &Request, bearer: &Bearer) -> Result<Answer, Failure> {
    let attempt = Attempt::start(call)?;
    call.status.set(None);
    let signal = attempt.controller.signal();
    let token = if request.bearer {
        call.wait(bearer.get(&signal)).await??
    } else {
        None
    };

    let init = init(request, token.as_deref(), call);
    set(&init, "signal", &signal);
    // The caller may have stopped the call in an `onEvent` since.
    call.wait(async {}).await?;
    let sent = call
        .fetch
        .call2(&JsValue::UNDEFINED, &JsValue::from_str(&request.url), &init)
        .and_then(|sent| promise(&sent));
    let answer = match sent {
        Ok(sent) => call.wait(JsFuture::from(sent)).await?,
        Err(thrown) => Err(thrown),
    };
    let answer = answer.map_err(|thrown| {
        Failure::because(
            Code::Network,
            "the request failed before an answer came",
            true,
            &thrown,
        )
    })?;

    let status = status_of(&answer)?;
    call.status.set(Some(status));
    let answer = Answer {
        response: answer,
        status,
        attempt,
    };
    if (200..=299).contains(&status) {
        return Ok(answer);
    }
    let secret = bearer.secret();
    let secrets = [token.as_deref().unwrap_or_default(), &secret];
    Err(refuse(answer, &secrets).await)
}

fn init(request: &Request, token: Option<&str>, call: &Call) -> JsValue {
    let headers = JsValue::from(js_sys::Object::new());
    set(&headers, "accept", &JsValue::from_str(&request.accept));
    if let Some(token) = token {
        set(
            &headers,
            "authorization",
            &JsValue::from_str(&concat(&["Bearer ", token])),
        );
    }
    let init = JsValue::from(js_sys::Object::new());
    set(&init, "method", &request.method.into());
    if let Some((content_type, body)) = &request.body {
        set(&headers, "content-type", &JsValue::from_str(content_type));
        set(&init, "body", &JsValue::from_str(body));
    }
    set(&init, "headers", &headers);
    // `manual`, since workerd knows no `error`: every redirect comes back as an answer, and none is followed.
    set(&init, "redirect", &"manual".into());
    if call.no_store {
        set(&init, "cache", &"no-store".into());
    }
    if !call.credentials.is_undefined() {
        set(&init, "credentials", &call.credentials);
    }
    init
}

/// The status of what `fetch` gave, if that is an answer at all: by its form, since a replaced `fetch` may bring
/// its own class.
fn status_of(answer: &JsValue) -> Result<u16, Failure> {
    // A page sees a redirect as an opaque answer with the status 0; a caller's `fetch` may have followed one.
    if look(answer, "redirected").is_truthy()
        || look(answer, "type").as_string().as_deref() == Some("opaqueredirect")
    {
        return Err(Error::new(
            Code::Redirected,
            "the answer is a redirect, and none is followed",
        )
        .into());
    }
    let has_headers = look(&look(answer, "headers"), "get").is_function();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a status"
    )]
    look(answer, "status")
        .as_f64()
        .filter(|status| has_headers && (100.0..=999.0).contains(status))
        .map(|status| status as u16)
        .ok_or_else(|| {
            Error::new(
                Code::BadResponse,
                "`fetch` gave something that is no response",
            )
            .into()
        })
}

/// Makes an error of an answer that is not 2xx.
async fn refuse(answer: Answer, secrets: &[&str]) -> Failure {
    let retry_after = answer.header("retry-after");
    let reset = answer.header("x-ratelimit-reset");
    let hints = Hints {
        retry_after: retry_after.as_deref(),
        reset: reset.as_deref(),
    };
    let mut error = refusal(answer.status, hints, now());
    error.request_id = answer
        .header("x-request-id")
        .or_else(|| answer.header("cf-ray"))
        .and_then(|id| request_id(&id, secrets));
    // The body is only asked for a code: where it fails or does not end, the status says enough. But a caller
    // who aborts meanwhile has aborted.
    match body::error(&answer).await {
        Ok(Some(body)) => error.upstream_code = upstream_code(&body, secrets),
        Err(failure)
            if failure
                .error()
                .is_some_and(|error| error.code == Code::Aborted) =>
        {
            return failure;
        }
        _ => {}
    }
    error.into()
}
