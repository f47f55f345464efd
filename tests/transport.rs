//! Calls made from Rust: run by wasm-bindgen-test in Node and in a headless Chromium, against a `fetch` of the test's.
//!
//! What an answer means is proven by the core's own tests. Here is what waits: that each call ends, as it should, and leaves
//! nothing behind. No test hangs on how fast anything is: what must come late never comes, and time-outs are waited for.

#![cfg(all(target_family = "wasm", feature = "transport"))]
// A test that fails panics; what is missing here is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_cmp,
    clippy::indexing_slicing,
    missing_docs
)]

use js_sys::{Array, Function, JSON, Promise};
use passdesk::transport::{
    AccessToken, ApiOptions, CallOptions, Code, Date, EachAttestationOptions, Encoding, Error,
    EvidenceLink, ExchangeTokenOptions, FetchEvidenceOptions, LocalFuture, Op, Outcome, Policy,
    RequestCredentials, SearchAttestationsOptions, Token, TokenProvider, TokenSource, Verdict,
    Where, each_attestation, exchange_token, fetch_evidence, list_attestations, retrieve_pii,
    screen_pii, search_attestations, submit_decision,
};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use support::{get, js, text};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "support/js.rs"]
mod support;

/// The example of the documentation.
#[path = "transport/review.rs"]
mod review;

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

const RECORD: &str = r#"{"id":"r1","type":"t","status":"verification-success","links":[{"rel":"front","href":"https://api.civic.com/partner/piirequest/r1/evidence/front"},{"rel":"far","href":"https://cdn.example/r1/far"}],"verifiedInformation":{"name":"Jane Roe","email":"jane@example.com"},"__proto__":{"polluted":true},"odd":[1,{"deep":null}]}"#;

/// The network, while a test holds it: what was asked for, and how much is under way.
struct Net(JsValue);

impl Net {
    /// Puts a `fetch` in place of the global one, that runs the statements over `call` (`url`, `method`, `headers`, `body`,
    /// `signal`), `count` (from 1) and `net`. Timers are counted, too.
    fn new(statements: &str) -> Self {
        let make = format!(
            "(() => {{
               const {{ fetch, setTimeout, clearTimeout }} = globalThis;
               const RECORD = {record}, HANG = new Promise(() => {{}});
               const json = (value, init) => new Response(JSON.stringify(value), init);
               const status = (status, headers, body = '') => new Response(body, {{ status, headers }});
               const net = {{ calls: [], aborted: 0, cancelled: 0, timers: 0, looks: 0, restore() {{ Object.assign(globalThis, {{ fetch, setTimeout, clearTimeout }}); }} }};
               net.reached = new Promise((resolve) => {{ net.reach = resolve; }});
               const body = (pull) => new Response(new ReadableStream({{ pull, cancel() {{ net.cancelled += 1; }} }}, {{ highWaterMark: 0 }}));
               const open = new Map();
               net.ring = () => queueMicrotask(() => {{ for (const over of [...open.values()]) over(); }});
               globalThis.setTimeout = (run, ms, ...rest) => {{
                 const over = () => {{ globalThis.clearTimeout(timer); run(...rest); }};
                 const timer = setTimeout(over, ms);
                 open.set(timer, over); net.timers = open.size;
                 if (ms === 60000) net.reach();
                 if (ms === 8) net.looks += 1;
                 return timer;
               }};
               globalThis.setTimeout.real = setTimeout;
               globalThis.clearTimeout = (timer) => {{ open.delete(timer); net.timers = open.size; clearTimeout(timer); }};
               globalThis.fetch = async (address, init) => {{
                 const request = new Request(address, init);
                 const {{ url, method, redirect, cache, credentials }} = request;
                 const {{ signal }} = init;
                 const call = {{ url, method, redirect, cache, credentials, headers: Object.fromEntries(request.headers), body: await request.text() }};
                 const count = net.calls.push(call);
                 signal.addEventListener('abort', () => {{ net.aborted += 1; }});
                 {statements}
               }};
               return net;
             }})()",
            record = json(&RECORD.into()),
        );
        Self(js(&make))
    }

    fn calls(&self) -> Vec<JsValue> {
        get(&self.0, "calls").unchecked_into::<Array>().to_vec()
    }

    fn urls(&self) -> Vec<String> {
        self.calls().iter().map(|call| text(call, "url")).collect()
    }

    /// The methods and last segments of what was asked for, in their order.
    fn story(&self) -> String {
        let story: Vec<_> = self
            .calls()
            .iter()
            .map(|call| {
                let url = text(call, "url");
                let (_, last) = url.rsplit_once('/').unwrap();
                format!("{} {last}", text(call, "method"))
            })
            .collect();
        story.join(", ")
    }

    fn header(&self, call: usize, name: &str) -> Option<String> {
        get(&get(&self.calls()[call], "headers"), name).as_string()
    }

    fn number(&self, name: &str) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let number = get(&self.0, name).as_f64().unwrap() as u32;
        number
    }

    /// Polls the future until the test's `fetch` calls `net.reach()`, and drops it then.
    async fn drop_when_reached<T>(&self, future: impl Future<Output = T>) {
        self.poll_until_reached(pin!(future)).await;
    }

    async fn poll_until_reached<T>(&self, mut future: Pin<&mut impl Future<Output = T>>) {
        let mut reached = JsFuture::from(get(&self.0, "reached").unchecked_into::<Promise>());
        poll_fn(|context| {
            assert!(future.as_mut().poll(context).is_pending(), "it has ended");
            pin!(&mut reached).poll(context).map(|_| ())
        })
        .await;
    }

    /// Lets everything run that is ready to.
    async fn settle(&self) {
        for _ in 0..3 {
            JsFuture::from(pause(0)).await.unwrap();
        }
    }

    /// Waits until no timer is left, which is when no call is under way.
    async fn idle(&self) {
        for _ in 0..2000 {
            if self.number("timers") == 0 {
                return;
            }
            JsFuture::from(pause(5)).await.unwrap();
        }
        panic!("a call does not end");
    }
}

/// A timer that is none of the counted ones.
fn pause(ms: u32) -> Promise {
    js(&format!(
        "new Promise((resolve) => (globalThis.setTimeout.real ?? globalThis.setTimeout)(resolve, {ms}))"
    ))
    .unchecked_into()
}

impl Drop for Net {
    fn drop(&mut self) {
        let restore: Function = get(&self.0, "restore").unchecked_into();
        restore.call0(&self.0).unwrap();
    }
}

/// The user agent of a Worker, while a test holds it.
struct InWorker;

impl InWorker {
    fn new() -> Self {
        js(
            "Object.defineProperty(globalThis.navigator ??= {}, 'userAgent', { value: 'Cloudflare-Workers', configurable: true })",
        );
        Self
    }
}

impl Drop for InWorker {
    fn drop(&mut self) {
        js("delete globalThis.navigator.userAgent");
    }
}

fn api() -> ApiOptions {
    with_call(CallOptions {
        max_retries: 0,
        ..CallOptions::default()
    })
}

fn with_call(call: CallOptions) -> ApiOptions {
    ApiOptions {
        token: Some("tok".into()),
        call,
        ..ApiOptions::default()
    }
}

fn retrying(max_retries: u32) -> ApiOptions {
    with_call(CallOptions {
        max_retries,
        ..CallOptions::default()
    })
}

async fn failure(statements: &str) -> Error {
    let _net = Net::new(statements);
    retrieve_pii("r1", &api()).await.err().unwrap()
}

fn client() -> ExchangeTokenOptions {
    let mut client =
        ExchangeTokenOptions::new("https://auth.example/oauth/token", "partner", "s3cret&");
    client.dangerously_allow_browser = true;
    client.call.max_retries = 0;
    client
}

const TOKEN: &str = "return json({ access_token: 't' + count, expires_in: 600, token_type: 'bearer', scope: 'a b' });";

#[wasm_bindgen_test]
async fn a_record_is_asked_for_as_the_text_says_and_kept_as_it_came() {
    let net = Net::new("return new Response(RECORD);");
    let pii = retrieve_pii("r1", &api()).await.unwrap();
    assert_eq!((pii.id(), pii.kind()), ("r1".into(), "t".into()));
    assert_eq!(pii.status(), "verification-success");
    assert_eq!(pii.rels(), ["front", "far"]);
    assert_eq!(
        json(pii.as_js()),
        RECORD,
        "nothing is lost, added or turned round"
    );
    let call = &net.calls()[0];
    assert_eq!(
        text(call, "url"),
        "https://api.civic.com/partner/piirequest/r1"
    );
    assert_eq!(
        (text(call, "method"), text(call, "redirect")),
        ("GET".into(), "manual".into())
    );
    assert_eq!(net.header(0, "accept").as_deref(), Some("application/json"));
    assert_eq!(
        net.header(0, "authorization").as_deref(),
        Some("Bearer tok")
    );
    let browser = !js("globalThis.document").is_undefined();
    assert_eq!(
        text(call, "cache") == "no-store",
        browser,
        "a browser keeps nothing"
    );
    assert_eq!((net.number("timers"), net.number("aborted")), (0, 0));
}

#[wasm_bindgen_test]
async fn cookies_go_along_where_that_is_asked_for() {
    let net = Net::new("return new Response(RECORD);");
    let mut desk = api();
    desk.call.credentials = Some(RequestCredentials::Include);
    desk.token = None;
    desk.base_url = Some("https://desk.example/".into());
    retrieve_pii("r1", &desk).await.unwrap();
    let call = &net.calls()[0];
    assert_eq!(text(call, "credentials"), "include");
    assert_eq!(net.urls(), ["https://desk.example/partner/piirequest/r1"]);
    assert_eq!(net.header(0, "authorization"), None);
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    id: String,
    verified_information: OwnInformation,
}

#[derive(serde::Deserialize)]
struct OwnInformation {
    name: String,
}

#[derive(serde::Deserialize)]
struct Misfit {
    #[serde(rename = "verifiedInformation")]
    _information: u32,
}

#[wasm_bindgen_test]
async fn a_record_is_read_as_a_type_of_the_callers() {
    let _net = Net::new("return new Response(RECORD);");
    let pii = retrieve_pii("r1", &api()).await.unwrap();
    let own: Own = pii.deserialize().unwrap();
    assert_eq!(
        (own.id.as_str(), own.verified_information.name.as_str()),
        ("r1", "Jane Roe")
    );
    let error = pii.deserialize::<Misfit>().err().unwrap();
    assert_eq!(error.code, Code::BadResponse);
    assert!(
        !format!("{error} {error:?}").contains("Jane"),
        "serde quotes values"
    );
}

#[wasm_bindgen_test]
async fn what_cannot_be_meant_is_refused_and_nothing_is_sent() {
    let net = Net::new("return new Response(RECORD);");
    let named = |error: Error, name: &str| {
        assert_eq!(error.code, Code::InvalidArgument, "{name}");
        assert!(
            error.message.contains(&format!("`{name}`")),
            "{name}: {error}"
        );
    };
    named(
        retrieve_pii("a/b", &api()).await.err().unwrap(),
        "requestId",
    );
    named(
        submit_decision("..", Verdict::Pass, &api())
            .await
            .err()
            .unwrap(),
        "requestId",
    );
    let edited = |edit: fn(&mut ApiOptions)| {
        let mut api = api();
        edit(&mut api);
        api
    };
    for (name, edit) in [
        (
            "token",
            (|api| api.token = Some("a b".into())) as fn(&mut ApiOptions),
        ),
        ("token", |api| api.token = Some("".into())),
        ("baseUrl", |api| {
            api.base_url = Some("http://api.civic.com".into());
        }),
        ("baseUrl", |api| {
            api.base_url = Some("https://a.example/?q".into());
        }),
        ("timeoutMs", |api| api.call.timeout_ms = 0),
        ("timeoutMs", |api| api.call.timeout_ms = 1 << 31),
        ("maxRetries", |api| api.call.max_retries = 1001),
    ] {
        named(retrieve_pii("r1", &edited(edit)).await.err().unwrap(), name);
    }
    named(
        list_attestations(None, &ApiOptions::default())
            .await
            .err()
            .unwrap(),
        "token",
    );
    let search = |page, per_page| SearchAttestationsOptions {
        page,
        per_page,
        ..Default::default()
    };
    named(
        search_attestations(&search(0, 50), &api())
            .await
            .err()
            .unwrap(),
        "page",
    );
    named(
        search_attestations(&search(1, 0), &api())
            .await
            .err()
            .unwrap(),
        "perPage",
    );
    let walk = EachAttestationOptions {
        concurrency: 0,
        ..Default::default()
    };
    named(each_attestation(walk, api()).err().unwrap(), "concurrency");
    let mut secretless = client();
    secretless.client_secret.clear();
    named(
        exchange_token(&secretless).await.err().unwrap(),
        "clientSecret",
    );
    let mut elsewhere = client();
    elsewhere.token_url = "ftp://x".into();
    named(exchange_token(&elsewhere).await.err().unwrap(), "tokenUrl");
    assert_eq!(net.calls().len(), 0);
}

#[wasm_bindgen_test]
async fn each_status_has_its_code() {
    for (status, code) in [
        (302, Code::Redirected),
        (400, Code::Rejected),
        (401, Code::Unauthorized),
        (403, Code::Forbidden),
        (404, Code::NotFound),
        (409, Code::Conflict),
        (429, Code::RateLimited),
        (500, Code::Upstream),
        (503, Code::Upstream),
    ] {
        let error = failure(&format!("return status({status});")).await;
        assert_eq!((error.code, error.status), (code, Some(status)), "{status}");
    }
}

#[wasm_bindgen_test]
async fn whatever_fetch_does_is_an_error() {
    for (statements, code) in [
        (
            "throw new TypeError('https://secret.example/?token=tok');",
            Code::Network,
        ),
        ("throw null;", Code::Network),
        ("return undefined;", Code::BadResponse),
        ("return { status: 200 };", Code::BadResponse),
        ("return new Response('{');", Code::BadResponse),
        ("return new Response('');", Code::BadResponse),
        ("return new Response('[]');", Code::BadResponse),
        (
            "return new Response(RECORD.replace('r1', 'r2'));",
            Code::BadResponse,
        ),
        (
            "return new Response(new Uint8Array([0x22, 0xff, 0x22]));",
            Code::BadResponse,
        ),
        (
            "return Object.defineProperty(new Response(RECORD), 'redirected', { value: true });",
            Code::Redirected,
        ),
        (
            "return Object.defineProperty(new Response(RECORD), 'type', { value: 'opaqueredirect' });",
            Code::Redirected,
        ),
        (
            "return new Proxy(new Response(RECORD), { get(it, name) { if (name !== 'then') throw new Error('tok'); } });",
            Code::BadResponse,
        ),
        (
            "return Object.defineProperty(new Response(RECORD), 'headers', { get() { throw new Error('tok'); } });",
            Code::BadResponse,
        ),
        (
            "return Object.defineProperty(new Response(RECORD), 'headers', { value: {} });",
            Code::BadResponse,
        ),
        (
            "const used = new Response(RECORD); await used.text(); return used;",
            Code::Network,
        ),
        (
            "return body((out) => out.error(new Error('tok')));",
            Code::Network,
        ),
        (
            "return body((out) => out.enqueue('text'));",
            Code::BadResponse,
        ),
        (
            "return body((out) => out.enqueue(new Uint8Array(0)));",
            Code::BadResponse,
        ),
        (
            "return body((out) => out.enqueue(new Uint8Array(1 << 20)));",
            Code::TooLarge,
        ),
        (
            "return body((out) => out.enqueue(new Uint8Array(9 << 20)));",
            Code::TooLarge,
        ),
    ] {
        let error = failure(statements).await;
        assert_eq!(error.code, code, "{statements}");
        assert!(
            !format!("{error:?}").contains("tok"),
            "{statements}: {error:?}"
        );
    }
    let net = Net::new("");
    js("globalThis.fetch = () => { throw new Error('at once'); }");
    let error = retrieve_pii("r1", &api()).await.err().unwrap();
    assert_eq!((error.code, error.retryable), (Code::Network, true));
    assert_eq!(net.number("timers"), 0);
    // One that somebody has replaced need not give a promise.
    for (given, code) in [
        ("undefined", Code::BadResponse),
        ("null", Code::BadResponse),
        ("new Response('{')", Code::BadResponse),
        (
            "{ then(give, fail) { give(1); fail(2); give(3); } }",
            Code::BadResponse,
        ),
        ("{ get then() { throw new Error('tok'); } }", Code::Network),
    ] {
        js(&format!("globalThis.fetch = () => ({given})"));
        let error = retrieve_pii("r1", &api()).await.err().unwrap();
        assert_eq!(error.code, code, "{given}");
    }
}

#[wasm_bindgen_test]
async fn a_byte_order_mark_is_no_part_of_the_json() {
    let _net = Net::new("return new Response('\\ufeff' + RECORD);");
    assert!(retrieve_pii("r1", &api()).await.is_ok());
}

#[wasm_bindgen_test]
async fn an_error_tells_codes_and_no_secret() {
    let error = failure(
        "return status(403, { 'x-request-id': 'req-1' }, '{\"error\":\"access_denied\"}');",
    )
    .await;
    assert_eq!(error.upstream_code.as_deref(), Some("access_denied"));
    assert_eq!(error.request_id.as_deref(), Some("req-1"));
    assert_eq!(
        error.to_string(),
        "the token does not allow this (status 403)"
    );
    let error =
        failure("return status(403, { 'x-request-id': 'tok' }, '{\"error\":\"tok\"}');").await;
    assert_eq!(
        (error.upstream_code.clone(), error.request_id.clone()),
        (None, None),
        "an echo"
    );
    // The body of a refusal that does not end costs its code, and nothing else.
    let net = Net::new(
        "return new Response(body((out) => out.enqueue(new Uint8Array(1 << 16))).body, { status: 404 });",
    );
    let error = retrieve_pii("r1", &api()).await.err().unwrap();
    assert_eq!(
        (error.code, net.number("cancelled"), net.number("aborted")),
        (Code::NotFound, 1, 1)
    );
}

#[wasm_bindgen_test]
async fn a_time_out_covers_all_of_an_attempt_and_tears_it_down() {
    for statements in [
        "net.ring(); return HANG;",
        "return body(() => { net.ring(); return HANG; });",
        "return body((out) => { if (net.begun) { net.ring(); return HANG; } net.begun = true; out.enqueue(new Uint8Array([123])); });",
    ] {
        let net = Net::new(statements);
        let error = retrieve_pii("r1", &api()).await.err().unwrap();
        assert_eq!(
            (error.code, error.retryable),
            (Code::Timeout, true),
            "{statements}"
        );
        assert_eq!(
            (net.number("aborted"), net.number("timers")),
            (1, 0),
            "{statements}"
        );
    }
    // A refusal is one, whatever becomes of its body.
    let net = Net::new(
        "return new Response(body(() => { net.ring(); return HANG; }).body, { status: 500 });",
    );
    let error = retrieve_pii("r1", &api()).await.err().unwrap();
    assert_eq!((error.code, error.status), (Code::Upstream, Some(500)));
    drop(net);
    // So is the time that a token takes.
    let net = Net::new("net.ring(); return HANG;");
    let error = retrieve_pii("r1", &provided(client())).await.err().unwrap();
    assert_eq!(error.code, Code::Timeout);
    assert_eq!(
        (net.story().as_str(), net.number("aborted")),
        ("POST token", 1)
    );
}

#[wasm_bindgen_test]
async fn the_clock_is_the_platforms() {
    let net = Net::new("return HANG;");
    let hurried = with_call(CallOptions {
        timeout_ms: 30,
        max_retries: 1,
        ..CallOptions::default()
    });
    assert_eq!(
        retrieve_pii("r1", &hurried).await.err().unwrap().code,
        Code::Timeout
    );
    assert_eq!((net.calls().len(), net.number("aborted")), (2, 2));
}

#[wasm_bindgen_test]
async fn what_is_worth_it_is_tried_again() {
    for first in [
        "return status(503, { 'retry-after': '0' });",
        "return status(429, { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' });",
        "return status(429, { 'x-ratelimit-reset': '1' });",
        "throw new TypeError('reset');",
        "return body((out) => out.error(new Error('cut')));",
    ] {
        let net = Net::new(&format!(
            "if (count === 1) {{ {first} }} return new Response(RECORD);"
        ));
        assert!(retrieve_pii("r1", &retrying(1)).await.is_ok(), "{first}");
        assert_eq!((net.calls().len(), net.number("timers")), (2, 0), "{first}");
    }
    let net = Net::new("return status(503, { 'retry-after': '0' });");
    assert_eq!(
        retrieve_pii("r1", &retrying(2)).await.err().unwrap().code,
        Code::Upstream
    );
    assert_eq!(net.calls().len(), 3);
}

#[wasm_bindgen_test]
async fn what_is_not_worth_it_is_tried_once() {
    for (statements, code) in [
        ("return status(404);", Code::NotFound),
        ("return new Response('{');", Code::BadResponse),
        (
            "return status(302, { location: 'https://evil.example/' });",
            Code::Redirected,
        ),
    ] {
        let net = Net::new(statements);
        assert_eq!(
            retrieve_pii("r1", &retrying(5)).await.err().unwrap().code,
            code
        );
        assert_eq!(net.calls().len(), 1, "{statements}");
    }
    // Longer than anybody should wait: the caller hears how long.
    let net = Net::new("return status(429, { 'retry-after': '120' });");
    let error = retrieve_pii("r1", &retrying(5)).await.err().unwrap();
    assert_eq!(
        (error.code, error.retry_after_ms),
        (Code::RateLimited, Some(120_000.0))
    );
    assert_eq!(net.calls().len(), 1);
}

#[wasm_bindgen_test]
async fn a_future_that_is_dropped_ends_its_call() {
    for (statements, cancelled) in [
        // While sending; while reading, a result or a refusal; while waiting to try again.
        ("net.reach(); return HANG;", 0),
        ("return body(() => { net.reach(); return HANG; });", 1),
        (
            "return new Response(body(() => { net.reach(); return HANG; }).body, { status: 503 });",
            1,
        ),
        (
            "net.reach(); return status(503, { 'retry-after': '60' });",
            0,
        ),
    ] {
        let net = Net::new(statements);
        net.drop_when_reached(retrieve_pii("r1", &retrying(2)))
            .await;
        net.settle().await;
        assert_eq!(
            (net.calls().len(), net.number("timers")),
            (1, 0),
            "{statements}"
        );
        if !statements.contains("60") {
            assert_eq!(net.number("aborted"), 1, "{statements}");
        }
        assert_eq!(net.number("cancelled"), cancelled, "{statements}");
    }
    // Never polled, never sent.
    let net = Net::new("return HANG;");
    drop(retrieve_pii("r1", &api()));
    net.settle().await;
    assert_eq!(net.calls().len(), 0);
}

#[wasm_bindgen_test]
async fn a_secret_is_exchanged_for_a_token() {
    let net = Net::new(TOKEN);
    let token: AccessToken = exchange_token(&client()).await.unwrap();
    assert_eq!(
        (token.access_token.as_str(), token.token_type.as_str()),
        ("t1", "bearer")
    );
    assert_eq!(token.scopes, ["a", "b"]);
    assert!(token.expires_at > js_sys::Date::now());
    assert!(!format!("{token:?}").contains("t1"));
    let call = &net.calls()[0];
    assert_eq!(
        (text(call, "method"), net.header(0, "authorization")),
        ("POST".into(), None)
    );
    assert_eq!(
        net.header(0, "content-type").as_deref(),
        Some("application/json")
    );
    assert_eq!(
        text(call, "body"),
        r#"{"client_id":"partner","client_secret":"s3cret&","audience":"https://api.civic.com/pass","grant_type":"client_credentials"}"#
    );
    let mut form = client();
    (form.encoding, form.audience) = (Encoding::Form, String::new());
    exchange_token(&form).await.unwrap();
    assert_eq!(
        net.header(1, "content-type").as_deref(),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        text(&net.calls()[1], "body"),
        "client_id=partner&client_secret=s3cret%26&grant_type=client_credentials"
    );
}

#[wasm_bindgen_test]
async fn a_refused_exchange_tells_no_secret() {
    let _net = Net::new(
        "return status(401, {}, JSON.stringify({ error: 's3cret&', error_description: 's3cret&' }));",
    );
    let error = exchange_token(&client()).await.err().unwrap();
    assert_eq!(
        (error.code, error.upstream_code.clone()),
        (Code::Unauthorized, None)
    );
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[wasm_bindgen_test]
async fn a_page_holds_no_secret() {
    let net = Net::new(TOKEN);
    let mut client = client();
    client.dangerously_allow_browser = false;
    let got = exchange_token(&client).await;
    if js("globalThis.window").is_undefined() {
        assert!(got.is_ok());
    } else {
        assert_eq!(got.err().unwrap().code, Code::SecretInBrowser);
        assert_eq!(net.calls().len(), 0);
    }
}

/// All of them at the same time.
async fn together<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).map(Some).collect();
    let mut done = Vec::new();
    poll_fn(|context| {
        for slot in &mut futures {
            if let Some(future) = slot
                && let Poll::Ready(result) = future.as_mut().poll(context)
            {
                done.push(result);
                *slot = None;
            }
        }
        if futures.iter().all(Option::is_none) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done
}

#[wasm_bindgen_test]
async fn a_provider_exchanges_once_for_all_who_ask_at_once() {
    let net = Net::new(TOKEN);
    let provider = TokenProvider::new(client());
    let tokens = together((0..20).map(|_| provider.get())).await;
    assert!(
        tokens
            .into_iter()
            .all(|token| token.unwrap().access_token == "t1")
    );
    assert_eq!(
        provider.clone().get().await.unwrap().access_token,
        "t1",
        "clones share it"
    );
    assert_eq!(net.calls().len(), 1);
    provider.invalidate("another");
    assert_eq!(provider.get().await.unwrap().access_token, "t1");
    provider.invalidate("t1");
    assert_eq!(provider.get().await.unwrap().access_token, "t2");
    assert_eq!(net.number("timers"), 0);
}

#[wasm_bindgen_test]
async fn a_token_that_ends_soon_is_renewed() {
    // Less than Date can tell: it is over when it comes.
    let net = Net::new("return json({ access_token: 't' + count, expires_in: 1e-9 });");
    let provider = TokenProvider::new(client());
    assert_eq!(provider.get().await.unwrap().access_token, "t1");
    assert_eq!(provider.get().await.unwrap().access_token, "t2");
    assert_eq!(net.calls().len(), 2);
}

#[wasm_bindgen_test]
async fn a_failed_exchange_is_everyones_and_is_not_kept() {
    let net = Net::new(&format!("if (count === 1) return status(403); {TOKEN}"));
    let provider = TokenProvider::new(client());
    let failed = together((0..3).map(|_| provider.get())).await;
    assert!(
        failed
            .into_iter()
            .all(|token| token.err().unwrap().code == Code::Forbidden)
    );
    assert_eq!(net.calls().len(), 1);
    assert_eq!(provider.get().await.unwrap().access_token, "t2");
}

#[wasm_bindgen_test]
async fn an_exchange_that_was_dropped_holds_nobody_up() {
    let net = Net::new(&format!(
        "if (count === 1) {{ net.reach(); return HANG; }} {TOKEN}"
    ));
    let provider = TokenProvider::new(client());
    net.drop_when_reached(provider.get()).await;
    assert_eq!(provider.get().await.unwrap().access_token, "t2");
    assert_eq!(net.number("looks"), 0, "who came later did not wait for it");
    net.settle().await;
    assert_eq!(net.number("aborted"), 1);
}

#[wasm_bindgen_test]
async fn what_the_server_asked_to_wait_for_is_waited_for_by_whoever_is_next() {
    let net = Net::new(&format!(
        "if (count === 1) return status(429, {{ 'retry-after': '60' }}); {TOKEN}"
    ));
    let provider = TokenProvider::new(ExchangeTokenOptions {
        call: CallOptions::default(),
        ..client()
    });
    net.drop_when_reached(provider.get()).await;
    let mut later = Box::pin(provider.get());
    poll_fn(|context| {
        assert!(later.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    net.settle().await;
    assert_eq!(net.calls().len(), 1, "not before the time is over");
    let ring = get(&net.0, "ring").unchecked_into::<js_sys::Function>();
    ring.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(later.await.unwrap().access_token, "t2");
    assert_eq!(net.number("timers"), 0);
}

#[wasm_bindgen_test]
async fn while_the_server_wants_to_be_left_alone_nobody_else_asks_it() {
    let worker = InWorker::new();
    let net = Net::new(&format!(
        "if (count === 1) return status(429, {{ 'retry-after': '2' }}); {TOKEN}"
    ));
    let provider = TokenProvider::new(ExchangeTokenOptions {
        call: CallOptions::default(),
        ..client()
    });
    let tokens = together((0..4).map(|_| provider.get())).await;
    drop(worker);
    assert!(
        tokens
            .into_iter()
            .all(|token| token.unwrap().access_token == "t2")
    );
    assert_eq!(net.calls().len(), 2, "the one who was told so, for all");
}

#[wasm_bindgen_test]
async fn an_exchange_whose_request_went_away_holds_nobody_up() {
    // In a Worker, nobody polls nor drops what a request awaited that is gone.
    let worker = InWorker::new();
    let net = Net::new(&format!(
        "if (count === 1) {{ net.reach(); return HANG; }} {TOKEN}"
    ));
    let provider = TokenProvider::new(client());
    let mut gone = Box::pin(provider.get());
    net.poll_until_reached(gone.as_mut()).await;
    let tokens = together((0..3).map(|_| provider.get())).await;
    drop(worker);
    assert!(
        tokens
            .into_iter()
            .all(|token| token.unwrap().access_token == "t2")
    );
    assert_eq!(net.calls().len(), 2, "the first who lost patience, for all");
}

#[wasm_bindgen_test]
async fn who_fails_where_another_has_brought_a_token_meanwhile_takes_that() {
    let worker = InWorker::new();
    // The second loses patience with the first, and has its token before the first is refused.
    let net = Net::new(&format!(
        "if (count === 1) return new Promise((done) => setTimeout(() => done(status(403)), 1500)); {TOKEN}"
    ));
    let provider = TokenProvider::new(client());
    let tokens = together((0..2).map(|_| provider.get())).await;
    drop(worker);
    assert!(
        tokens
            .into_iter()
            .all(|token| token.unwrap().access_token == "t2")
    );
    assert_eq!(net.calls().len(), 2);
}

#[wasm_bindgen_test]
async fn nobody_waits_for_others_longer_than_an_own_exchange_may_take() {
    let worker = InWorker::new();
    // The time goes on with each exchange, of which none ends: it is up for one, then for all.
    js("(Date.real = Date.now, Date.shown = 0, Date.now = () => Date.shown)");
    let net = Net::new(
        "Date.shown = count === 1 ? 1000 : 30000; if (count === 4) net.reach(); return HANG;",
    );
    let provider = TokenProvider::new(client());
    net.drop_when_reached(together((0..4).map(|_| provider.get())))
        .await;
    js("Date.now = Date.real");
    drop(worker);
    assert_eq!(net.calls().len(), 4);
}

fn provided(options: ExchangeTokenOptions) -> ApiOptions {
    ApiOptions {
        token: Some(TokenProvider::new(options).into()),
        ..api()
    }
}

#[wasm_bindgen_test]
async fn after_a_401_a_new_token_is_tried_once() {
    let answer = "if (call.url.includes('oauth')) return json({ access_token: 't' + count, expires_in: 600 });";
    let net = Net::new(&format!(
        "{answer} return call.headers.authorization === 'Bearer t3' ? new Response(RECORD) : status(401);"
    ));
    let civic = provided(client());
    assert!(retrieve_pii("r1", &civic).await.is_ok());
    assert_eq!(net.story(), "POST token, GET r1, POST token, GET r1");
    assert!(retrieve_pii("r1", &civic).await.is_ok());
    assert_eq!(net.calls().len(), 5, "the new one is kept");
    drop(net);
    // The second is refused as well: it is not kept, and the call fails.
    let net = Net::new(&format!("{answer} return status(401);"));
    let civic = provided(client());
    for expected in [
        "POST token, GET r1, POST token, GET r1",
        "POST token, GET r1, POST token, GET r1, POST token, GET r1, POST token, GET r1",
    ] {
        let error = retrieve_pii("r1", &civic).await.err().unwrap();
        assert_eq!((error.code, error.status), (Code::Unauthorized, Some(401)));
        assert_eq!(net.story(), expected);
    }
    drop(net);
    // A text cannot be renewed.
    let net = Net::new("return status(401);");
    assert_eq!(
        retrieve_pii("r1", &retrying(3)).await.err().unwrap().code,
        Code::Unauthorized
    );
    assert_eq!(net.calls().len(), 1);
}

#[wasm_bindgen_test]
async fn a_token_that_does_not_come_is_no_refused_one() {
    // The exchange has its own tries; the call begins none.
    let net = Net::new("return status(401);");
    let error = retrieve_pii("r1", &provided(client())).await.err().unwrap();
    assert_eq!(error.code, Code::Unauthorized);
    assert_eq!(net.story(), "POST token");
}

/// A source of the caller's, which gives what it is told to, and takes note.
struct Stubborn(RefCell<Vec<String>>);

impl TokenSource for Stubborn {
    fn token(&self) -> LocalFuture<'_, Result<String, Error>> {
        Box::pin(async { Ok("same".to_owned()) })
    }

    fn invalidate<'a>(&'a self, refused: &'a str) -> LocalFuture<'a, ()> {
        Box::pin(async move { self.0.borrow_mut().push(refused.to_owned()) })
    }
}

#[wasm_bindgen_test]
async fn the_same_token_again_is_no_new_one() {
    let net = Net::new("return status(401);");
    let own = Rc::new(Stubborn(RefCell::default()));
    let civic = ApiOptions {
        token: Some(Token::Source(own.clone())),
        ..api()
    };
    assert_eq!(
        retrieve_pii("r1", &civic).await.err().unwrap().code,
        Code::Unauthorized
    );
    assert_eq!(
        (net.calls().len(), own.0.borrow().as_slice()),
        (1, ["same".to_owned()].as_slice())
    );
}

const PNG: &str =
    "const PNG = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...new Array(40).fill(7)]);";

async fn evidence(
    net: &str,
    rel: &str,
    options: &FetchEvidenceOptions,
) -> (Net, Result<passdesk::transport::Evidence, Error>) {
    let net = Net::new(&format!(
        "{PNG} if (count === 1) return new Response(RECORD); {net}"
    ));
    let pii = retrieve_pii("r1", &api()).await.unwrap();
    let fetched = fetch_evidence(EvidenceLink::Rel { pii: &pii, rel }, options, &api()).await;
    (net, fetched)
}

#[wasm_bindgen_test]
async fn evidence_is_what_its_bytes_say() {
    let options = FetchEvidenceOptions::default();
    for statements in [
        "return new Response(PNG, { headers: { 'content-type': 'text/html' } });",
        // Byte by byte.
        "let at = 0; return new Response(body((out) => { if (at < PNG.length) out.enqueue(PNG.slice(at, ++at)); else out.close(); }).body, { headers: { 'content-type': 'text/html' } });",
    ] {
        let (net, fetched) = evidence(statements, "front", &options).await;
        let fetched = fetched.unwrap();
        assert_eq!(
            (fetched.content_type, fetched.declared_type.as_str()),
            ("image/png", "text/html")
        );
        assert_eq!((fetched.rel.as_str(), fetched.bytes.len()), ("front", 48));
        assert_eq!((fetched.bytes[0], fetched.bytes[47]), (137, 7));
        assert_eq!(
            net.header(1, "authorization").as_deref(),
            Some("Bearer tok")
        );
        assert!(
            net.header(1, "accept")
                .unwrap()
                .starts_with("image/jpeg, image/png")
        );
        assert_eq!((net.number("timers"), net.number("aborted")), (0, 0));
    }
    let (net, svg) = evidence(
        "return new Response('<svg xmlns=\"http://www.w3.org/2000/svg\"/>');",
        "front",
        &options,
    )
    .await;
    assert_eq!(svg.err().unwrap().code, Code::UnsupportedMedia);
    drop(net);
    let jpeg = FetchEvidenceOptions {
        accept: vec!["image/jpeg".into()],
        ..Default::default()
    };
    let (_net, png) = evidence("return new Response(PNG);", "front", &jpeg).await;
    assert_eq!(png.err().unwrap().code, Code::UnsupportedMedia);
}

#[wasm_bindgen_test]
async fn evidence_has_a_limit_whatever_was_declared() {
    let options = FetchEvidenceOptions {
        max_bytes: 47,
        ..Default::default()
    };
    let (net, fetched) = evidence("return new Response(body((out) => out.enqueue(PNG)).body, { headers: { 'content-length': '5' } });", "front", &options).await;
    let error = fetched.err().unwrap();
    assert_eq!((error.code, error.status), (Code::TooLarge, Some(200)));
    net.settle().await;
    assert_eq!((net.number("cancelled"), net.number("aborted")), (1, 1));
    drop(net);
    let options = FetchEvidenceOptions {
        max_bytes: 0,
        ..Default::default()
    };
    let (net, fetched) = evidence("return new Response(PNG);", "front", &options).await;
    assert_eq!(fetched.err().unwrap().code, Code::InvalidArgument);
    assert_eq!(net.calls().len(), 1);
    drop(net);
    let options = FetchEvidenceOptions {
        max_bytes: 48,
        ..Default::default()
    };
    let (_net, fetched) = evidence("return new Response(PNG);", "front", &options).await;
    assert!(fetched.is_ok());
}

#[wasm_bindgen_test]
async fn the_token_goes_to_one_origin() {
    let allowed = FetchEvidenceOptions {
        allow_origins: vec!["https://cdn.example".into()],
        ..Default::default()
    };
    let (net, fetched) = evidence("return new Response(PNG);", "far", &allowed).await;
    assert!(fetched.is_ok());
    assert_eq!(net.urls()[1], "https://cdn.example/r1/far");
    assert_eq!(net.header(1, "authorization"), None);
    drop(net);
    let (net, fetched) = evidence(
        "return new Response(PNG);",
        "far",
        &FetchEvidenceOptions::default(),
    )
    .await;
    assert_eq!(fetched.err().unwrap().code, Code::UntrustedLink);
    let none = fetch_evidence(
        EvidenceLink::Href {
            href: "https://api.civic.com/partner/piirequest/r2/evidence/x",
            request_id: "r1",
        },
        &FetchEvidenceOptions::default(),
        &api(),
    )
    .await;
    assert_eq!(none.err().unwrap().code, Code::UntrustedLink);
    assert_eq!(net.calls().len(), 1, "nothing was sent");
    drop(net);
    // Nor does it follow a redirect.
    let (net, fetched) = evidence(
        "return status(307, { location: 'https://evil.example/' });",
        "front",
        &allowed,
    )
    .await;
    assert_eq!(fetched.err().unwrap().code, Code::Redirected);
    assert_eq!(net.calls().len(), 2);
    drop(net);
    let (_net, missing) = evidence("return new Response(PNG);", "back", &allowed).await;
    assert_eq!(missing.err().unwrap().code, Code::NotFound);
}

/// A service that keeps a verdict, once it was told one.
fn civic(put: &str) -> Net {
    Net::new(&format!(
        "if (call.method === 'PUT') {{ {put} }}
         return new Response(RECORD.replace('verification-success', net.verdict ?? 'verification-success'));"
    ))
}

const APPLY: &str = "net.verdict = JSON.parse(call.body).status;";

#[wasm_bindgen_test]
async fn a_decision_is_told_once() {
    let net = civic(&format!("{APPLY} return status(200);"));
    let receipt = submit_decision("r1", Verdict::Pass, &api()).await.unwrap();
    assert_eq!(
        (receipt.request_id.as_str(), receipt.status, receipt.outcome),
        ("r1", Verdict::Pass, Outcome::Applied)
    );
    assert_eq!(net.story(), "GET r1, PUT status");
    assert_eq!(
        text(&net.calls()[1], "body"),
        r#"{"status":"partner-pass"}"#
    );
    let again = submit_decision("r1", Verdict::Pass, &api()).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyApplied);
    let other = submit_decision("r1", Verdict::Fail, &api())
        .await
        .err()
        .unwrap();
    assert_eq!(other.code, Code::Conflict);
    assert_eq!(
        net.story(),
        "GET r1, PUT status, GET r1, GET r1",
        "neither repeated nor overwritten"
    );
    drop(net);
    let _net = civic("return status(202);");
    assert_eq!(
        submit_decision("r1", Verdict::Fail, &api())
            .await
            .unwrap()
            .outcome,
        Outcome::Queued
    );
}

#[wasm_bindgen_test]
async fn what_became_of_a_decision_is_read_before_it_is_told_again() {
    // The answer is lost, and the verdict is not.
    for lost in [
        "throw new TypeError('reset');",
        "return status(500, { 'retry-after': '0' });",
    ] {
        let net = civic(&format!("{APPLY} {lost}"));
        let receipt = submit_decision("r1", Verdict::Pass, &retrying(1))
            .await
            .unwrap();
        assert_eq!(
            (receipt.outcome, net.story().as_str()),
            (Outcome::AlreadyApplied, "GET r1, PUT status, GET r1"),
            "{lost}"
        );
    }
    // Both are lost: it is told again.
    let net = civic(&format!(
        "if (count === 2) throw new TypeError('reset'); {APPLY} return status(200);"
    ));
    let receipt = submit_decision("r1", Verdict::Pass, &retrying(1))
        .await
        .unwrap();
    assert_eq!(
        (receipt.outcome, net.story().as_str()),
        (Outcome::Applied, "GET r1, PUT status, GET r1, PUT status")
    );
    drop(net);
    // Another was quicker.
    let net = civic("net.verdict = 'partner-fail'; return status(409);");
    let error = submit_decision("r1", Verdict::Pass, &api())
        .await
        .err()
        .unwrap();
    assert_eq!(
        (error.code, net.story().as_str()),
        (Code::Conflict, "GET r1, PUT status, GET r1")
    );
    drop(net);
    // Another was quicker, says an answer whose body does not end: there is time to see who.
    let net = civic(
        "net.verdict = 'partner-pass'; return new Response(body(() => { net.ring(); return HANG; }).body, { status: 409 });",
    );
    let receipt = submit_decision("r1", Verdict::Pass, &api()).await.unwrap();
    assert_eq!(
        (receipt.outcome, net.story().as_str()),
        (Outcome::AlreadyApplied, "GET r1, PUT status, GET r1")
    );
}

#[wasm_bindgen_test]
async fn a_decision_that_was_dropped_is_told_once() {
    let net = civic(&format!("{APPLY} net.reach(); return HANG;"));
    net.drop_when_reached(submit_decision("r1", Verdict::Pass, &api()))
        .await;
    net.settle().await;
    assert_eq!(net.number("aborted"), 1);
    let receipt = submit_decision("r1", Verdict::Pass, &api()).await.unwrap();
    assert_eq!(
        (receipt.outcome, net.story().as_str()),
        (Outcome::AlreadyApplied, "GET r1, PUT status, GET r1")
    );
}

#[wasm_bindgen_test]
async fn attestations_are_listed_and_searched() {
    let net = Net::new(
        "const data = [{ uuid: 'a', attestor: 'x', new: 1 }]; return json(call.url.includes('search') ? { data, meta: { page: 2, per_page: 10, total: 11 }, more: true } : data);",
    );
    let globalid = Where::new("attestee".into(), Op::Gte, "did:x y".into()).unwrap();
    let listed = list_attestations(Some(&globalid), &api()).await.unwrap();
    assert_eq!(
        (listed[0].uuid().as_str(), json(listed[0].as_js()).as_str()),
        ("a", r#"{"uuid":"a","attestor":"x","new":1}"#)
    );
    let options = SearchAttestationsOptions {
        filter: Some(globalid),
        page: 2,
        per_page: 10,
    };
    let anonymous = ApiOptions {
        token: None,
        ..api()
    };
    let page = search_attestations(&options, &anonymous).await.unwrap();
    assert_eq!((page.data().len(), page.meta().total), (1, 11.0));
    assert_eq!(get(page.as_js(), "more"), JsValue::TRUE);
    assert_eq!(
        net.urls(),
        [
            "https://api.global.id/v1/attestations?fieldName=attesteegte&fieldValue=did%3Ax%20y",
            "https://api.global.id/v1/attestations/search?fieldName=attesteegte&fieldValue=did%3Ax%20y&page=2&per_page=10",
        ]
    );
    assert_eq!(
        (
            net.header(0, "authorization").as_deref(),
            net.header(1, "authorization")
        ),
        (Some("Bearer tok"), None)
    );
}

/// A server of so many records, `r0` and on.
fn records(total: u32, before: &str) -> Net {
    Net::new(&format!(
        "const query = new URL(call.url).searchParams; const page = Number(query.get('page')), size = Number(query.get('per_page'));
         {before}
         const data = Array.from({{ length: {total} }}, (_, at) => ({{ uuid: 'r' + at }})).slice((page - 1) * size, page * size);
         return json({{ data, meta: {{ page, per_page: size, total: {total} }} }});"
    ))
}

fn walk(concurrency: u32, limit: Option<u32>) -> EachAttestationOptions {
    EachAttestationOptions {
        per_page: 10,
        concurrency,
        limit,
        ..Default::default()
    }
}

async fn all(options: EachAttestationOptions, api: ApiOptions) -> Result<Vec<String>, Error> {
    let mut walk = each_attestation(options, api)?;
    let mut found = Vec::new();
    while let Some(record) = walk.next().await? {
        found.push(record.uuid());
    }
    assert!(walk.next().await?.is_none(), "the end stays one");
    Ok(found)
}

#[wasm_bindgen_test]
async fn a_walk_gives_each_record_once() {
    let expected: Vec<_> = (0..45).map(|at| format!("r{at}")).collect();
    for concurrency in [1, 4] {
        let net = records(45, "");
        assert_eq!(all(walk(concurrency, None), api()).await.unwrap(), expected);
        assert_eq!((net.calls().len(), net.number("timers")), (5, 0));
    }
    let net = records(45, "");
    assert_eq!(all(walk(4, Some(12)), api()).await.unwrap(), expected[..12]);
    assert_eq!(net.calls().len(), 2, "no page beyond what is wanted");
    drop(net);
    let net = records(0, "");
    assert!(all(walk(4, None), api()).await.unwrap().is_empty());
    drop(net);
    // A record that came in between has moved all others by one: none comes twice.
    let net = records(
        45,
        "if (count === 2) return json({ data: Array.from({ length: 10 }, (_, at) => ({ uuid: 'r' + (9 + at) })), meta: { page, per_page: size, total: 46 } });",
    );
    assert_eq!(all(walk(1, Some(15)), api()).await.unwrap(), expected[..15]);
    assert_eq!(net.calls().len(), 2);
}

#[wasm_bindgen_test]
async fn a_page_that_was_read_before_the_one_before_it_is_asked_for_once_more() {
    // The third page is answered, a record comes in front, and then the second is answered.
    let net = records(
        30,
        "const from = (page - 1) * size - (count > 3 || page === 2 ? 1 : 0);
         const answer = (total) => json({ data: Array.from({ length: Math.min(size, total - page * size + size) }, (_, at) => ({ uuid: 'r' + (from + at) })), meta: { page, per_page: size, total } });
         net.third ??= new Promise((resolve) => { net.answered = resolve; });
         if (page === 2) await net.third;
         if (page === 3 && count <= 3) { net.answered(); return answer(30); }
         return answer(page === 1 ? 30 : 31);",
    );
    let found = all(walk(2, None), api()).await.unwrap();
    let expected: Vec<_> = (0..30).map(|at| format!("r{at}")).collect();
    assert_eq!(found, expected);
    assert_eq!(
        net.urls()
            .iter()
            .filter(|url| url.contains("page=3&"))
            .count(),
        2
    );
}

#[wasm_bindgen_test]
async fn a_walk_ends_with_the_page_that_failed() {
    let net = records(45, "if (page === 3) return status(403);");
    let mut walk = each_attestation(walk(4, None), api()).unwrap();
    for _ in 0..20 {
        assert!(
            walk.next().await.unwrap().is_some(),
            "what came before it is given"
        );
    }
    assert_eq!(walk.next().await.err().unwrap().code, Code::Forbidden);
    assert!(walk.next().await.unwrap().is_none());
    net.settle().await;
    assert_eq!(net.number("timers"), 0);
    drop(net);
    // A server that always gives the same page is none.
    let _net = records(
        45,
        "if (page === 2) return json({ data: [], meta: { page: 1, per_page: size, total: 45 } });",
    );
    assert_eq!(
        all(self::walk(1, None), api()).await.err().unwrap().code,
        Code::BadResponse
    );
}

#[wasm_bindgen_test]
async fn a_walk_that_is_dropped_tears_down_what_it_fetched_ahead() {
    let net = records(
        45,
        "if (page > 1) { if (page === 4) net.reach(); return HANG; }",
    );
    let mut walk = each_attestation(walk(4, None), api()).unwrap();
    for _ in 0..10 {
        walk.next().await.unwrap().unwrap();
    }
    net.drop_when_reached(walk.next()).await;
    assert_eq!(
        (net.calls().len(), net.number("aborted")),
        (5, 0),
        "the walk still stands"
    );
    drop(walk);
    net.settle().await;
    assert_eq!((net.number("aborted"), net.number("timers")), (4, 0));
}

#[wasm_bindgen_test]
async fn what_was_fetched_ahead_is_read_though_nobody_asks_for_it() {
    // Else its time would be up whenever the reader takes its own.
    let net = records(
        30,
        "if (page === 3) await new Promise((resolve) => { net.go = resolve; });",
    );
    let mut walk = each_attestation(walk(2, None), api()).unwrap();
    for _ in 0..11 {
        walk.next().await.unwrap().unwrap();
    }
    assert_eq!(
        (net.calls().len(), net.number("timers")),
        (3, 1),
        "page 3 is on its way"
    );
    let go: Function = get(&net.0, "go").unchecked_into();
    go.call0(&JsValue::UNDEFINED).unwrap();
    net.idle().await;
    for _ in 11..30 {
        walk.next().await.unwrap().unwrap();
    }
    assert!(walk.next().await.unwrap().is_none());
    assert_eq!(net.calls().len(), 3);
}

#[wasm_bindgen_test]
async fn a_record_is_screened() {
    let _net = Net::new("return new Response(RECORD);");
    let pii = retrieve_pii("r1", &api()).await.unwrap();
    let policy = Policy {
        blocked_email_domains: Some(vec!["example.com".into()]),
        ..Policy::default()
    };
    let day = Date::parse("2026-11-22");
    let findings = screen_pii(&pii, &policy, day).unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding.code == "email_domain_blocked")
    );
    assert_eq!(
        screen_pii(&pii, &policy, None).unwrap().len(),
        findings.len()
    );
    let odd = Policy {
        min_age: Some(200),
        ..Policy::default()
    };
    assert_eq!(
        screen_pii(&pii, &odd, day).err().unwrap().code,
        Code::InvalidArgument
    );
}

#[wasm_bindgen_test]
async fn the_example_runs() {
    let net = Net::new(&format!(
        "{PNG}
         if (call.url === 'https://auth.civic.com/oauth/token') return json({{ access_token: 't1', expires_in: 600 }});
         if (call.headers.authorization !== 'Bearer t1') return status(401);
         if (call.method === 'PUT') return status(call.body === '{{\"status\":\"partner-pass\"}}' ? 200 : 400);
         if (call.url.endsWith('/evidence/idDocumentFront')) return new Response(PNG);
         return new Response(RECORD.replaceAll('front', 'idDocumentFront'));"
    ));
    let outcome = review::review("r1", "s3cret").await;
    if js("globalThis.window").is_undefined() {
        assert_eq!(outcome, Ok(Outcome::Applied));
        assert_eq!(
            net.story(),
            "POST token, GET r1, GET idDocumentFront, GET r1, PUT status"
        );
    } else {
        assert_eq!(outcome.err().unwrap().code, Code::SecretInBrowser);
    }
}

#[wasm_bindgen_test]
fn the_readme_shows_the_example() {
    let example = format!("```rust\n{}```\n", include_str!("transport/review.rs"));
    assert!(
        include_str!("../README.md").contains(&example),
        "README.md has another example"
    );
}
