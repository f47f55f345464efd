//! One call under way: what the core says is done here. It sends, waits and reads; what an answer or a failure means, and
//! whether to try again, is asked of the core. All of it belongs to one future: whoever drops that ends the call.

use super::body::{self, Body};
use super::clock::{Clock, now, wait};
use super::options::CallOptions;
use super::platform::in_browser;
use super::token::Token;
use crate::call::{Call, Judge, Next, Refusal, Step};
use crate::decision::Outcome;
use crate::error::{Code, Error, concat};
use crate::evidence::SIGNATURE_LENGTH;
use crate::request::Request;
use crate::response::{LARGEST_ERROR, LARGEST_JSON};
use crate::retry::Hints;
use crate::token::{AccessToken, check, is_token};
use gloo_net::http::{Headers, Response};
use js_sys::{Math, Promise, Reflect};
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, RequestRedirect, ResponseType};

#[wasm_bindgen]
extern "C" {
    /// Not gloo-net's `Request`: it makes two of the platform's and a `URL` for each call (7 KB, and 23 µs of 77 in Node), panics
    /// where a `fetch` that somebody has replaced gives no `Response`, and lets pass through what it throws; either spoils the
    /// instance for good, with everything else that runs in it. So does what is no promise, where it is taken for one.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
}

/// What a call gives.
pub enum Given {
    /// The answer itself.
    Answer(JsValue),
    /// How a decision ended.
    Decided(Outcome),
    /// A token.
    Token(AccessToken),
    /// Evidence.
    Evidence(Piece),
}

/// A piece of evidence, read to its end.
pub struct Piece {
    pub bytes: Vec<u8>,
    /// What they prove to be.
    pub content_type: &'static str,
    /// What the answer declared.
    pub declared_type: String,
}

/// Why an attempt failed.
enum Failure {
    /// The core says what comes of it.
    Attempt(Error),
    /// The call fails, whatever the core would say: it never began, or its token did not come.
    Call(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Attempt(error)
    }
}

/// The failures of which the status of the answer says more.
const OF_AN_ANSWER: [Code; 5] = [
    Code::BadResponse,
    Code::TooLarge,
    Code::UnsupportedMedia,
    Code::Network,
    Code::Timeout,
];

/// Makes a call.
///
/// # Errors
/// Whatever it ends with.
pub async fn make(
    request: Request,
    judge: Judge,
    secret: &str,
    token: Option<&Token>,
    options: CallOptions,
) -> Result<Given, Error> {
    Running::new(request, judge, secret, token, options, None)?
        .run()
        .await
}

/// Makes a call for a token, and notes until when nothing is to be sent, for whoever is next where it is dropped meanwhile.
///
/// # Errors
/// Whatever it ends with.
pub async fn make_for_token(
    request: Request,
    secret: &str,
    options: CallOptions,
    rest: &Cell<f64>,
) -> Result<Given, Error> {
    let mut running = Running::new(request, Judge::Token, secret, None, options, None)?;
    running.rest = Some(rest);
    running.run().await
}

/// Makes a call for evidence, of so many bytes at most.
///
/// # Errors
/// Whatever it ends with.
pub async fn make_for_bytes(
    request: Request,
    judge: Judge,
    token: Option<&Token>,
    options: CallOptions,
    most: u32,
) -> Result<Given, Error> {
    Running::new(request, judge, "", token, options, Some(most))?
        .run()
        .await
}

struct Running<'a> {
    call: Call,
    token: Option<&'a Token>,
    options: CallOptions,
    /// The most bytes, where the answer is evidence.
    evidence: Option<u32>,
    /// The token that was sent last.
    sent: Option<String>,
    /// A newer one, already asked for.
    next: Option<String>,
    /// The status of the latest answer.
    status: Option<u16>,
    /// Where it is noted until when nothing is to be sent, in epoch milliseconds.
    rest: Option<&'a Cell<f64>>,
}

impl<'a> Running<'a> {
    fn new(
        request: Request,
        judge: Judge,
        secret: &str,
        token: Option<&'a Token>,
        options: CallOptions,
        evidence: Option<u32>,
    ) -> Result<Self, Error> {
        options.check()?;
        if let Some(Token::Text(text)) = token {
            check(text)?;
        }
        Ok(Self {
            call: Call::new(request, judge, secret.to_owned(), options.max_retries),
            token,
            options,
            evidence,
            sent: None,
            next: None,
            status: None,
            rest: None,
        })
    }

    async fn run(mut self) -> Result<Given, Error> {
        loop {
            let mut error = match self.attempt().await {
                Ok(given) => return Ok(given),
                Err(Failure::Call(error)) => return Err(error),
                Err(Failure::Attempt(error)) => error,
            };
            let next = self.call.next(
                error.code,
                error.status.is_some(),
                error.retryable,
                error.retry_after_ms,
                Math::random(),
            );
            if OF_AN_ANSWER.contains(&error.code) {
                error.status = error.status.or(self.status);
            }
            match next {
                Next::Wait(ms) => {
                    if let Some(rest) = self.rest {
                        rest.set(now() + ms);
                    }
                    wait(ms).await;
                }
                Next::Renew => self.renew(error).await?,
                Next::Discard => return Err(self.discard(error).await),
                Next::GiveUp => return Err(error),
            }
            self.call.attempt();
        }
    }

    /// One attempt, whose clock covers all that it sends.
    async fn attempt(&mut self) -> Result<Given, Failure> {
        let mut clock = Clock::start(self.options.timeout_ms);
        loop {
            if let Some(given) = self.exchange(&mut clock).await? {
                return Ok(given);
            }
        }
    }

    /// Sends what the core says, and lets the answer be judged; `None` where there is more to send.
    async fn exchange(&mut self, clock: &mut Clock) -> Result<Option<Given>, Failure> {
        self.status = None;
        self.sent = if self.call.request().bearer {
            self.bearer(clock).await?
        } else {
            None
        };
        let request = self.call.request();
        let method = request.method;
        let mut sent = Sent::new()?;
        let init = sent.init(request, self.sent.as_deref(), self.options);
        let response = clock.bound(answer(&request.url, &init)).await??;
        let status = response.status();
        self.status = Some(status);
        if !(200..=299).contains(&status) {
            return self.refused(&response, clock).await;
        }
        let declared = response.headers().get("content-type");
        if let Some(most) = self.evidence {
            let declared = declared.unwrap_or_default();
            let evidence = clock
                .bound(self.evidence(&response, most, declared))
                .await??;
            sent.is_read();
            return Ok(Some(Given::Evidence(evidence)));
        }
        if method == "PUT" {
            // Its body says nothing, and is not read.
            let step = self
                .call
                .accept(status, &JsValue::UNDEFINED, declared.as_deref(), now())?;
            return Ok(given(step, JsValue::UNDEFINED));
        }
        let bytes = clock.bound(body::read(&response, LARGEST_JSON)).await??;
        sent.is_read();
        let value = body::parse(&bytes)
            .ok_or_else(|| Error::new(Code::BadResponse, "the answer is not JSON"))?;
        let step = self
            .call
            .accept(status, &value, declared.as_deref(), now())?;
        Ok(given(step, value))
    }

    /// The body of a refusal is only asked for a code: where it fails or does not end, the status says enough.
    async fn refused(
        &mut self,
        response: &Response,
        clock: &mut Clock,
    ) -> Result<Option<Given>, Failure> {
        let read = clock.bound(body::read(response, LARGEST_ERROR)).await;
        let late = read.is_err();
        let bytes = read.and_then(|read| read).unwrap_or_default();
        let body = body::parse(&bytes).unwrap_or_default();
        let headers = response.headers();
        let [after, reset] = ["retry-after", "x-ratelimit-reset"].map(|name| headers.get(name));
        let id = headers
            .get("x-request-id")
            .or_else(|| headers.get("cf-ray"));
        let refusal = Refusal {
            status: response.status(),
            body: &body,
            hints: Hints {
                retry_after: after.as_deref(),
                reset: reset.as_deref(),
            },
            request_id: id.as_deref(),
            token: self.sent.as_deref().unwrap_or_default(),
        };
        let step = self.call.refuse(&refusal, now())?;
        if late {
            // Whether the verdict of another stands must be known, though the time of this attempt is up.
            *clock = Clock::start(self.options.timeout_ms);
        }
        Ok(given(step, JsValue::UNDEFINED))
    }

    async fn evidence(
        &self,
        response: &Response,
        most: u32,
        declared_type: String,
    ) -> Result<Piece, Error> {
        let mut body = Body::of(response, most)?;
        let mut bytes = Vec::new();
        while bytes.len() < SIGNATURE_LENGTH && body.next(&mut bytes).await? {}
        // Before the rest is read: it may be long.
        let content_type = self
            .call
            .sniff(bytes.get(..SIGNATURE_LENGTH).unwrap_or(&bytes))?;
        while body.next(&mut bytes).await? {}
        Ok(Piece {
            bytes,
            content_type,
            declared_type,
        })
    }

    /// The token to send now. What goes wrong with it is no failure of this call's, which begins no further attempt.
    async fn bearer(&mut self, clock: &mut Clock) -> Result<Option<String>, Failure> {
        if let Some(token) = self.next.take() {
            return Ok(Some(token));
        }
        let token = match self.token {
            None => return Ok(None),
            Some(Token::Text(token)) => return Ok(Some(token.clone())),
            Some(Token::Source(source)) => clock.bound(source.token()).await?,
        };
        token.and_then(checked).map(Some).map_err(Failure::Call)
    }

    /// Gets rid of the token that was refused, and asks for a new one.
    async fn renew(&mut self, error: Error) -> Result<(), Error> {
        let (Some(Token::Source(source)), Some(sent)) = (self.token, &self.sent) else {
            return Err(error);
        };
        let renewal = async {
            source.invalidate(sent).await;
            source.token().await.and_then(checked)
        };
        let mut clock = Clock::start(self.options.timeout_ms);
        let token = clock.bound(renewal).await??;
        if token == *sent {
            return Err(error);
        }
        self.next = Some(token);
        Ok(())
    }

    /// Gets rid of the new token, which was refused as well.
    async fn discard(&self, error: Error) -> Error {
        if let (Some(Token::Source(source)), Some(sent)) = (self.token, &self.sent) {
            let mut clock = Clock::start(self.options.timeout_ms);
            // The refusal says more than that nobody took note of it.
            drop(clock.bound(source.invalidate(sent)).await);
        }
        error
    }
}

fn given(step: Step, answer: JsValue) -> Option<Given> {
    match step {
        Step::Send => None,
        Step::Answer => Some(Given::Answer(answer)),
        Step::Decided(outcome) => Some(Given::Decided(outcome)),
        Step::Token(token) => Some(Given::Token(*token)),
    }
}

fn checked(token: String) -> Result<String, Error> {
    if is_token(&token) {
        return Ok(token);
    }
    Err(Error::option("token", "a source that gives a token"))
}

/// A request under way: torn down, unless its answer was read to the end.
struct Sent {
    controller: AbortController,
    read: bool,
}

impl Sent {
    fn new() -> Result<Self, Error> {
        let controller = AbortController::new().map_err(|_| unsent())?;
        Ok(Self {
            controller,
            read: false,
        })
    }

    const fn is_read(&mut self) {
        self.read = true;
    }

    fn init(&self, request: &Request, token: Option<&str>, options: CallOptions) -> RequestInit {
        let headers = Headers::new();
        headers.set("accept", &request.accept);
        if let Some(token) = token {
            headers.set("authorization", &concat(&["Bearer ", token]));
        }
        let init = RequestInit::new();
        init.set_method(request.method);
        if let Some((content_type, body)) = &request.body {
            headers.set("content-type", content_type);
            init.set_body(&JsValue::from_str(body));
        }
        init.set_headers(&headers.into_raw());
        // `manual`, since workerd knows no `error`: every redirect comes back as an answer, and none is followed.
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&self.controller.signal()));
        // Set only where they mean something: workerd refuses both fields.
        if in_browser() {
            init.set_cache(RequestCache::NoStore);
        }
        if let Some(credentials) = options.credentials {
            init.set_credentials(credentials);
        }
        init
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if !self.read {
            self.controller.abort();
        }
    }
}

/// The answer, if it is one. What `fetch` fails with is passed over: some runtimes write the address into it.
async fn answer(url: &str, init: &RequestInit) -> Result<Response, Error> {
    let given = fetch(url, init).map_err(|_| unsent())?;
    let answer = JsFuture::from(Promise::resolve(&given)).await;
    let answer = answer.map_err(|_| unsent())?;
    if !is_readable(&answer) {
        return Err(Error::new(Code::BadResponse, "`fetch` gave no response"));
    }
    let response: Response = answer.unchecked_into::<web_sys::Response>().into();
    // A page sees a redirect as an opaque answer with the status 0.
    if response.redirected() || response.type_() == ResponseType::Opaqueredirect {
        let message = "the answer is a redirect, and none is followed";
        return Err(Error::new(Code::Redirected, message));
    }
    Ok(response)
}

/// Whether it is an answer that can be looked at: what somebody has put around one may throw, and that would go through the instance,
/// too.
fn is_readable(answer: &JsValue) -> bool {
    let field = |name| Reflect::get(answer, &JsValue::from_str(name));
    answer.is_instance_of::<web_sys::Response>()
        && ["status", "redirected", "type", "body"]
            .into_iter()
            .all(|name| field(name).is_ok())
        && field("headers").is_ok_and(|headers| {
            let headers = headers.dyn_ref::<web_sys::Headers>();
            headers.is_some_and(|headers| headers.get("content-type").is_ok())
        })
}

fn unsent() -> Error {
    let message = "the request failed before an answer came";
    Error::new(Code::Network, message).retryable()
}

/// What no call gives.
pub fn unforeseen() -> Error {
    Error::new(Code::BadResponse, "the answer is none to what was asked")
}
