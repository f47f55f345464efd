//! The boundary, where the core meets JavaScript: run by wasm-bindgen-test in Node and in a headless Chromium.
//!
//! What an operation means is proven by the core's own tests, and what a user sees by `tests/contract`. Here is what
//! only the two sides together can get wrong: values handed over, exceptions of any kind, waiting that must end.

#![cfg(target_family = "wasm")]
// A test that fails panics; what is missing here is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::too_many_lines,
    missing_docs
)]

use js_sys::{Array, Function, JSON, Promise, Reflect};
use std::collections::BTreeMap;
use support::{get, js, text};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "support/js.rs"]
mod support;

/// The operations, as the package runs them: its JavaScript around this module's core.
mod core {
    use js_sys::{Object, Promise, Reflect};
    use passdesk::boundary as rust;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;

    // Made of tests/boundary.js and the package's own files, by `cargo xtask test boundary` and `lint`.
    #[wasm_bindgen(module = "/tests/dist/boundary.js")]
    extern "C" {
        fn run(core: &JsValue, operation: &str, options: &JsValue) -> Promise;
        #[wasm_bindgen(js_name = getToken)]
        fn ask(core: &JsValue, options: &JsValue, state: &JsValue) -> Promise;
        #[wasm_bindgen(js_name = invalidateToken)]
        fn invalidate(core: &JsValue, options: &JsValue, state: &JsValue, token: &str) -> Promise;
        #[wasm_bindgen(catch)]
        fn walk(core: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
        fn next(walk: &JsValue) -> Promise;
        fn stop(walk: &JsValue);
    }

    /// This module's exports, as the package's core.js would hold them.
    fn exports() -> JsValue {
        let core = JsValue::from(Object::new());
        macro_rules! export {
            ($name:literal, $closure:expr, $type:ty) => {
                let closure = Closure::<$type>::new($closure).into_js_value();
                Reflect::set(&core, &$name.into(), &closure).unwrap();
            };
        }
        export!("begin", rust::begin, dyn Fn(u32, u32) -> i32);
        export!(
            "hear",
            |call, what, status: Option<u32>, now: Option<f64>, random: Option<f64>| {
                let (now, random) = (now.unwrap_or(0.0), random.unwrap_or(0.0));
                rust::hear(call, what, status.unwrap_or(0), now, random)
            },
            dyn Fn(u32, u32, Option<u32>, Option<f64>, Option<f64>) -> f64
        );
        core
    }

    thread_local! {
        static CORE: JsValue = exports();
    }

    async fn operation(name: &str, options: JsValue) -> Result<JsValue, JsValue> {
        JsFuture::from(CORE.with(|core| run(core, name, &options))).await
    }

    macro_rules! operations {
        ($($name:ident, $operation:literal;)*) => {
            $(pub async fn $name(options: JsValue) -> Result<JsValue, JsValue> {
                operation($operation, options).await
            })*
        };
    }
    operations! {
        exchange_token, "exchangeToken";
        retrieve_pii, "retrievePii";
        submit_decision, "submitDecision";
        fetch_evidence, "fetchEvidence";
        stream_evidence, "streamEvidence";
        search_attestations, "searchAttestations";
        screen_pii, "screenPii";
    }

    pub async fn get_token(
        options: JsValue,
        _: JsValue,
        state: JsValue,
    ) -> Result<JsValue, JsValue> {
        JsFuture::from(CORE.with(|core| ask(core, &options, &state))).await
    }

    pub async fn invalidate_token(
        options: JsValue,
        state: JsValue,
        token: String,
    ) -> Result<JsValue, JsValue> {
        JsFuture::from(CORE.with(|core| invalidate(core, &options, &state, &token))).await
    }

    pub struct AttestationWalk(JsValue);

    #[allow(clippy::needless_pass_by_value)]
    impl AttestationWalk {
        pub fn new(options: JsValue) -> Result<Self, JsValue> {
            CORE.with(|core| walk(core, &options)).map(Self)
        }

        pub fn next(&self) -> Promise {
            next(&self.0)
        }

        pub fn stop(&self) {
            stop(&self.0);
        }
    }
}

fn number(value: &JsValue, name: &str) -> f64 {
    get(value, name).as_f64().unwrap_or(f64::NAN)
}

fn code(error: &JsValue) -> String {
    assert!(
        error.is_instance_of::<js_sys::Error>(),
        "what is rejected with is an Error"
    );
    assert_eq!(text(error, "name"), "PassdeskError");
    text(error, "code")
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

const RECORD: &str = r#"{"id":"r1","type":"t","status":"verification-success","links":[{"rel":"front","href":"https://api.civic.com/partner/piirequest/r1/evidence/front"}],"verifiedInformation":{"name":"J"},"__proto__":{"polluted":true},"odd":[1,{"deep":null}]}"#;

/// Options for a record, with a `fetch` that runs the given statements over `url`, `init` and `calls`.
fn options(fetch: &str, more: &str) -> JsValue {
    js(&format!(
        "(() => {{ const calls = []; const RECORD = {record}; const fetch = async (url, init) => {{ calls.push({{ url, init }}); {fetch} }};
           return {{ requestId: 'r1', token: 'tok', maxRetries: 0, fetch, ...({more}), get [Symbol.for('calls')]() {{ return calls; }} }}; }})()",
        record = serde_json_string(RECORD),
    ))
}

fn serde_json_string(text: &str) -> String {
    JSON::stringify(&text.into()).unwrap().into()
}

fn calls(options: &JsValue) -> Array {
    Reflect::get(options, &js("Symbol.for('calls')"))
        .unwrap()
        .unchecked_into()
}

#[wasm_bindgen_test]
async fn the_record_is_the_engines_own_object() {
    let options = options("return new Response(RECORD);", "{}");
    let record = core::retrieve_pii(options.clone()).await.unwrap();
    assert_eq!(
        json(&record),
        RECORD,
        "nothing is lost, added or turned round"
    );
    assert!(
        get(&js("({})"), "polluted").is_undefined(),
        "`__proto__` is data"
    );
    let names = Reflect::own_keys(&record).unwrap();
    assert!(names.includes(&"__proto__".into(), 0));
    let call = calls(&options).get(0);
    assert_eq!(
        text(&call, "url"),
        "https://api.civic.com/partner/piirequest/r1"
    );
    let init = get(&call, "init");
    assert_eq!(text(&init, "redirect"), "manual");
    assert_eq!(
        json(&get(&init, "headers")),
        r#"{"accept":"application/json","authorization":"Bearer tok"}"#
    );
    assert!(
        get(&init, "cache").is_undefined(),
        "so does workerd this one"
    );
    assert!(
        get(&init, "credentials").is_undefined(),
        "some runtimes reject the field"
    );
}

#[wasm_bindgen_test]
async fn a_browser_keeps_nothing_in_its_cache() {
    let options = options("return new Response(RECORD);", "{ noStore: true }");
    core::retrieve_pii(options.clone()).await.unwrap();
    let init = get(&calls(&options).get(0), "init");
    assert_eq!(text(&init, "cache"), "no-store");
}

#[wasm_bindgen_test]
async fn wrong_types_are_named_and_nothing_is_sent() {
    for (more, name) in [
        ("{ requestId: 5 }", "requestId"),
        ("{ requestId: null }", "requestId"),
        ("{ requestId: 'a/b' }", "requestId"),
        ("{ token: 5 }", "token"),
        ("{ token: '' }", "token"),
        ("{ token: 'a\\nb' }", "token"),
        ("{ baseUrl: 'ftp://x' }", "baseUrl"),
        ("{ baseUrl: {} }", "baseUrl"),
        ("{ timeoutMs: 0 }", "timeoutMs"),
        ("{ timeoutMs: 1.5 }", "timeoutMs"),
        ("{ timeoutMs: NaN }", "timeoutMs"),
        ("{ timeoutMs: 2 ** 31 }", "timeoutMs"),
        ("{ maxRetries: -1 }", "maxRetries"),
        ("{ maxRetries: '2' }", "maxRetries"),
        ("{ signal: {} }", "signal"),
        ("{ signal: 'x' }", "signal"),
        ("{ fetch: 'x' }", "fetch"),
        ("{ onEvent: {} }", "onEvent"),
        ("{ credentials: 'yes' }", "credentials"),
    ] {
        let options = options("return new Response(RECORD);", more);
        let error = core::retrieve_pii(options.clone()).await.unwrap_err();
        assert_eq!(code(&error), "invalid_argument", "{more}");
        assert!(
            text(&error, "message").contains(&format!("`{name}`")),
            "{more}: {}",
            text(&error, "message")
        );
        assert_eq!(calls(&options).length(), 0, "{more}");
    }
}

#[wasm_bindgen_test]
async fn whatever_fetch_does_is_an_ordinary_rejection() {
    for (fetch, expected) in [
        (
            "throw new TypeError('https://secret.example/?token=tok');",
            "network",
        ),
        ("throw 'text';", "network"),
        ("throw null;", "network"),
        (
            "throw { get name() { throw 1; }, get code() { throw 2; } };",
            "network",
        ),
        ("return undefined;", "bad_response"),
        ("return 'text';", "bad_response"),
        ("return {};", "bad_response"),
        ("return { status: 200 };", "bad_response"),
        (
            "return { status: '200', headers: new Headers() };",
            "bad_response",
        ),
        (
            "return { get status() { throw 1; }, headers: new Headers() };",
            "bad_response",
        ),
        (
            "return { status: 200, headers: new Headers(), body: null };",
            "bad_response",
        ),
        (
            "return { status: 200, headers: new Headers(), body: {} };",
            "network",
        ),
        (
            "return { status: 200, headers: new Headers(), body: { getReader() { throw 1; } } };",
            "network",
        ),
        (
            "return { status: 200, headers: new Headers(), body: { getReader: () => ({ read() { throw 1; } }) } };",
            "network",
        ),
        (
            "return { status: 200, headers: new Headers(), body: { getReader: () => ({ read: () => ({ done: false, value: 'x' }) }) } };",
            "bad_response",
        ),
        (
            "const response = new Response(RECORD); await response.text(); return response;",
            "network",
        ),
        (
            "return { status: 0, type: 'opaqueredirect', headers: new Headers() };",
            "redirected",
        ),
        (
            "return Response.redirect('https://evil.example/', 302);",
            "redirected",
        ),
        (
            "return new Response(RECORD.replace('r1', 'r2'));",
            "bad_response",
        ),
        (
            "return new Response(new Uint8Array([0x22, 0xff, 0x22]));",
            "bad_response",
        ),
        ("return new Response('x', { status: 503 });", "upstream"),
    ] {
        let error = core::retrieve_pii(options(fetch, "{}")).await.unwrap_err();
        assert_eq!(code(&error), expected, "{fetch}");
        let cause = get(&error, "cause");
        if !cause.is_undefined() {
            assert!(
                !text(&cause, "message").contains("secret"),
                "{fetch}: the cause holds an address"
            );
        }
    }
    // Not even a promise.
    let options = options("", "{ fetch() { throw new Error('at once'); } }");
    assert_eq!(
        code(&core::retrieve_pii(options).await.unwrap_err()),
        "network"
    );
}

#[wasm_bindgen_test]
async fn an_abort_reason_of_any_type_is_the_cause() {
    for reason in [
        "'text'",
        "null",
        "0",
        "({ why: 1 })",
        "new Error('enough')",
        "new DOMException('x', 'AbortError')",
    ] {
        for fetch in [
            // While sending, with a fetch that never hears of its signal.
            "await new Promise(() => {});",
            // While reading the body.
            "return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }));",
            // While waiting to try again.
            "return new Response('', { status: 503, headers: { 'retry-after': '50' } });",
        ] {
            let more = format!(
                "(() => {{ const controller = new AbortController(); const reason = {reason}; setTimeout(() => controller.abort(reason), 20);
                   return {{ signal: controller.signal, maxRetries: 2, get [Symbol.for('reason')]() {{ return reason; }} }}; }})()"
            );
            let options = options(fetch, &more);
            let signal = get(&options, "signal");
            let error = core::retrieve_pii(options).await.unwrap_err();
            assert_eq!(code(&error), "aborted", "{reason} {fetch}");
            assert_eq!(
                get(&error, "cause"),
                get(&signal, "reason"),
                "{reason} {fetch}"
            );
        }
    }
}

#[wasm_bindgen_test]
async fn an_abort_that_has_been_sends_nothing() {
    let options = options(
        "return new Response(RECORD);",
        "{ signal: AbortSignal.abort('before') }",
    );
    let error = core::retrieve_pii(options.clone()).await.unwrap_err();
    assert_eq!(
        (
            code(&error).as_str(),
            get(&error, "cause").as_string().as_deref()
        ),
        ("aborted", Some("before"))
    );
    assert_eq!(calls(&options).length(), 0);
    assert_eq!(number(&error, "attempts"), 0.0);
}

#[wasm_bindgen_test]
async fn no_listener_outlives_its_call() {
    let options = options(
        "return new Response(RECORD);",
        "(() => { const signal = new AbortController().signal; let open = 0; const { addEventListener, removeEventListener } = signal;
           signal.addEventListener = function (...a) { open++; return addEventListener.apply(this, a); };
           signal.removeEventListener = function (...a) { open--; return removeEventListener.apply(this, a); };
           Object.defineProperty(signal, 'open', { get: () => open }); return { signal }; })()",
    );
    let signal = get(&options, "signal");
    core::retrieve_pii(options).await.unwrap();
    assert_eq!(number(&signal, "open"), 0.0);
}

#[wasm_bindgen_test]
async fn a_time_out_covers_the_body() {
    for fetch in [
        "await new Promise(() => {});",
        "return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([123])); }, pull() { return new Promise(() => {}); } }));",
        "return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }), { status: 500 });",
    ] {
        let error = core::retrieve_pii(options(fetch, "{ timeoutMs: 30 }"))
            .await
            .unwrap_err();
        let code = code(&error);
        assert!(
            code == "timeout" || (code == "upstream" && fetch.contains("500")),
            "{code} {fetch}"
        );
    }
    // A token that never comes is within the attempt, too.
    let error = core::retrieve_pii(options(
        "",
        "{ timeoutMs: 30, token: () => new Promise(() => {}) }",
    ))
    .await
    .unwrap_err();
    assert_eq!(code(&error), "timeout");
}

#[wasm_bindgen_test]
async fn the_fetch_under_way_is_torn_down() {
    let options = options(
        "init.signal.addEventListener('abort', () => { calls.aborted = true; }); await new Promise(() => {});",
        "{ timeoutMs: 20 }",
    );
    core::retrieve_pii(options.clone()).await.unwrap_err();
    assert_eq!(get(&calls(&options), "aborted"), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn an_observer_that_throws_breaks_nothing() {
    let options = options(
        "return new Response(RECORD);",
        "{ onEvent() { throw new Error('observer'); } }",
    );
    assert!(core::retrieve_pii(options).await.is_ok());
}

#[wasm_bindgen_test]
async fn a_token_function_is_asked_once_more_after_a_401() {
    let fetch = "return init.headers.authorization === 'Bearer t2' ? new Response(RECORD) : new Response('', { status: 401 });";
    let options = options(
        fetch,
        "(() => { let n = 0; return { token: async () => `t${++n}` }; })()",
    );
    assert!(core::retrieve_pii(options.clone()).await.is_ok());
    assert_eq!(calls(&options).length(), 2);
    // The same token again is no new one; a thrown one is told by its kind only.
    let same = self::options(fetch, "{ token: () => 'same' }");
    assert_eq!(
        code(&core::retrieve_pii(same.clone()).await.unwrap_err()),
        "unauthorized"
    );
    assert_eq!(calls(&same).length(), 1);
    let throws = self::options(fetch, "{ token() { throw new Error('my secret'); } }");
    let error = core::retrieve_pii(throws.clone()).await.unwrap_err();
    assert_eq!(
        (code(&error).as_str(), calls(&throws).length()),
        ("unauthorized", 0)
    );
    assert!(
        !json(&error).contains("my secret")
            && !text(&get(&error, "cause"), "message").contains("my secret")
    );
}

const EXCHANGE: &str =
    "{ tokenUrl: 'https://auth.example/oauth/token', clientId: 'c', clientSecret: 's3cret', ";

fn exchange(fetch: &str, more: &str) -> JsValue {
    js(&format!(
        "(() => {{ const calls = []; const fetch = async (url, init) => {{ calls.push({{ url, init }}); {fetch} }};
           return {EXCHANGE} fetch, maxRetries: 0, ...({more}), get [Symbol.for('calls')]() {{ return calls; }} }}; }})()"
    ))
}

const TOKEN: &str = "return Response.json({ access_token: 't' + calls.length, expires_in: 600, token_type: 'bearer', scope: 'a b' });";

#[wasm_bindgen_test]
async fn a_provider_exchanges_once_for_all_who_ask_at_once() {
    let options = exchange(
        &format!("await new Promise((r) => setTimeout(r, 40)); {TOKEN}"),
        "{}",
    );
    let state = js("{}");
    let asked: Array = (0..20)
        .map(|_| {
            wasm_bindgen_futures::future_to_promise(core::get_token(
                options.clone(),
                js("{}"),
                state.clone(),
            ))
        })
        .collect();
    let tokens: Array = JsFuture::from(Promise::all(&asked))
        .await
        .unwrap()
        .unchecked_into();
    assert_eq!(calls(&options).length(), 1);
    assert!(
        tokens
            .iter()
            .all(|token| text(&token, "accessToken") == "t1")
    );
    assert_eq!(json(&get(&tokens.get(0), "scopes")), r#"["a","b"]"#);
    assert!(
        get(&tokens.get(0), "leeway").is_undefined(),
        "what is ours stays here"
    );
    core::invalidate_token(options.clone(), state.clone(), "t1".into())
        .await
        .unwrap();
    let token = core::get_token(options.clone(), js("{}"), state)
        .await
        .unwrap();
    assert_eq!(text(&token, "accessToken"), "t2");
}

#[wasm_bindgen_test]
async fn an_exchange_whose_request_went_away_holds_nobody_up() {
    // What is left of a Worker's request that is gone: a lease that nobody renews.
    js(
        "Object.defineProperty(globalThis.navigator ??= {}, 'userAgent', { value: 'Cloudflare-Workers', configurable: true })",
    );
    let options = exchange(TOKEN, "{}");
    let state = js("{ exchange: { until: Date.now() + 200 } }");
    let token = core::get_token(options.clone(), js("{}"), state).await;
    js("delete globalThis.navigator.userAgent");
    let token = token.unwrap();
    assert_eq!(
        (
            text(&token, "accessToken").as_str(),
            calls(&options).length()
        ),
        ("t1", 1)
    );
}

#[wasm_bindgen_test]
async fn a_store_that_fails_costs_an_exchange_and_no_more() {
    for store in [
        "{ get() { throw 1; }, set() { throw 2; }, delete() { throw 3; } }",
        "{ get: async () => { throw 1; }, set: async () => { throw 2; }, delete: async () => {} }",
        "{ get: async () => ({ accessToken: 5 }), set: async () => {}, delete: async () => {} }",
        "{ get: async () => ({ accessToken: 'old', tokenType: 'Bearer', scopes: [], expiresAt: Date.now() + 1000 }), set: async () => {}, delete: async () => {} }",
        "{ get: () => new Promise(() => {}), set: () => new Promise(() => {}), delete: async () => {} }",
    ] {
        let options = exchange(TOKEN, &format!("{{ timeoutMs: 50, store: {store} }}"));
        let token = core::get_token(options, js("{}"), js("{}")).await.unwrap();
        assert_eq!(text(&token, "accessToken"), "t1", "{store}");
    }
    let options = exchange(
        TOKEN,
        "{ store: { get: async () => ({ accessToken: 'kept', tokenType: 'Bearer', scopes: ['x'], expiresAt: Date.now() + 3e6 }) } }",
    );
    let token = core::get_token(options.clone(), js("{}"), js("{}"))
        .await
        .unwrap();
    assert_eq!(
        (
            text(&token, "accessToken").as_str(),
            calls(&options).length()
        ),
        ("kept", 0)
    );
}

#[wasm_bindgen_test]
async fn a_secret_in_a_page_is_refused() {
    let options = exchange(TOKEN, "{ inPage: true }");
    let error = core::exchange_token(options.clone()).await.unwrap_err();
    assert_eq!(
        (code(&error).as_str(), calls(&options).length()),
        ("secret_in_browser", 0)
    );
    let options = exchange(TOKEN, "{ inPage: true, dangerouslyAllowBrowser: true }");
    assert!(core::exchange_token(options).await.is_ok());
}

const PNG: &str =
    "new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 1, 2, 3, 4])";

fn evidence(fetch: &str, more: &str) -> JsValue {
    js(&format!(
        "(() => {{ const calls = []; const PNG = {PNG}; const fetch = async (url, init) => {{ calls.push({{ url, init }}); {fetch} }};
           return {{ pii: {RECORD}, rel: 'front', token: 'tok', maxRetries: 0, fetch, ...({more}), get [Symbol.for('calls')]() {{ return calls; }} }}; }})()"
    ))
}

/// A body that comes in single bytes.
const DRIP: &str = "let i = 0; return new Response(new ReadableStream({ pull(c) { i < PNG.length ? c.enqueue(PNG.slice(i, ++i)) : c.close(); } }));";

#[wasm_bindgen_test]
async fn evidence_is_what_its_bytes_say() {
    let options = evidence(
        DRIP,
        "(() => { const seen = []; return { onProgress: ({ loaded }) => { seen.push(loaded); throw 1; }, seen }; })()",
    );
    let evidence = core::fetch_evidence(options.clone()).await.unwrap();
    assert_eq!(
        (
            text(&evidence, "contentType").as_str(),
            text(&evidence, "rel").as_str(),
            number(&evidence, "size")
        ),
        ("image/png", "front", 16.0)
    );
    let blob: web_sys::Blob = get(&evidence, "blob").unchecked_into();
    assert_eq!((blob.size(), blob.type_().as_str()), (16.0, "image/png"));
    assert_eq!(get(&options, "seen").unchecked_into::<Array>().length(), 16);

    for (fetch, more, expected) in [
        (
            "return new Response('<svg/>', { headers: { 'content-type': 'image/png' } });",
            "{}",
            "unsupported_media",
        ),
        ("return new Response('');", "{}", "unsupported_media"),
        (
            "return new Response(PNG);",
            "{ accept: ['image/jpeg'] }",
            "unsupported_media",
        ),
        (
            "return new Response(PNG, { headers: { 'content-length': '4' } });",
            "{ maxBytes: 15 }",
            "too_large",
        ),
        (DRIP, "{ maxBytes: 15 }", "too_large"),
        (DRIP, "{ rel: 'selfie' }", "not_found"),
        (DRIP, "{ rel: 5 }", "invalid_argument"),
        (
            DRIP,
            "{ pii: { get id() { throw 1; } } }",
            "invalid_argument",
        ),
        (DRIP, "{ href: 'https://x' }", "invalid_argument"),
        (
            DRIP,
            "{ allowOrigins: ['https://x/path'] }",
            "invalid_argument",
        ),
        (
            DRIP,
            "{ pii: undefined, rel: undefined, requestId: 'r1', href: 'https://evil.example/partner/piirequest/r1/evidence/a' }",
            "untrusted_link",
        ),
    ] {
        let options = self::evidence(fetch, more);
        let error = core::fetch_evidence(options).await.unwrap_err();
        assert_eq!(code(&error), expected, "{fetch} {more}");
    }
}

#[wasm_bindgen_test]
async fn an_allowed_origin_goes_without_the_bearer() {
    let options = evidence(
        DRIP,
        "{ pii: undefined, rel: undefined, requestId: 'r1', href: 'https://store.example/a?sig=b', allowOrigins: ['https://store.example'] }",
    );
    core::fetch_evidence(options.clone()).await.unwrap();
    let call = calls(&options).get(0);
    assert_eq!(text(&call, "url"), "https://store.example/a?sig=b");
    assert!(get(&get(&get(&call, "init"), "headers"), "authorization").is_undefined());
}

#[wasm_bindgen_test]
async fn a_stream_is_passed_through_and_metered() {
    let response: web_sys::Response = core::stream_evidence(evidence(DRIP, "{}"))
        .await
        .unwrap()
        .unchecked_into();
    let bytes = JsFuture::from(response.array_buffer().unwrap())
        .await
        .unwrap();
    assert_eq!(number(&bytes, "byteLength"), 16.0);

    // Over the limit in the middle: the stream fails, with the package's own error.
    let options = evidence(DRIP, "{ maxBytes: 13 }");
    let response: web_sys::Response = core::stream_evidence(options)
        .await
        .unwrap()
        .unchecked_into();
    // Read piece by piece: what `arrayBuffer` rejects with is the platform's own in Chromium.
    let drain = js(
        "async (body) => { const reader = body.getReader(); while (!(await reader.read()).done); }",
    );
    let drained: Promise = drain
        .unchecked_into::<Function>()
        .call1(&JsValue::UNDEFINED, &response.body().unwrap())
        .unwrap()
        .unchecked_into();
    let error = JsFuture::from(drained).await.unwrap_err();
    assert_eq!(code(&error), "too_large");
}

#[wasm_bindgen_test]
async fn a_cancelled_stream_lets_upstream_go() {
    let endless = "init.signal.addEventListener('abort', () => { calls.aborted = true; });
        return new Response(new ReadableStream({ start(c) { c.enqueue(PNG); }, pull() { return new Promise(() => {}); }, cancel() { calls.cancelled = true; } }));";
    let options = evidence(endless, "{}");
    let response = core::stream_evidence(options.clone()).await.unwrap();
    let cancelled: Promise = Reflect::get(&get(&response, "body"), &"cancel".into())
        .unwrap()
        .unchecked_into::<Function>()
        .call0(&get(&response, "body"))
        .unwrap()
        .unchecked_into();
    JsFuture::from(cancelled).await.unwrap();
    assert_eq!(get(&calls(&options), "aborted"), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn a_decision_reads_before_it_sends() {
    let answer = |status: &str| {
        format!(
            "if (init.method === 'PUT') return new Response(null, {{ status: 200 }}); return new Response(RECORD.replace('verification-success', '{status}'));"
        )
    };
    for (status, expected, sent) in [
        ("verification-success", "applied", 2),
        ("partner-pass", "already-applied", 1),
    ] {
        let options = options(&answer(status), "{ status: 'partner-pass' }");
        let receipt = core::submit_decision(options.clone()).await.unwrap();
        assert_eq!(
            json(&receipt),
            format!(r#"{{"requestId":"r1","status":"partner-pass","outcome":"{expected}"}}"#)
        );
        assert_eq!(calls(&options).length(), sent);
    }
    let options = options(&answer("partner-fail"), "{ status: 'partner-pass' }");
    assert_eq!(
        code(&core::submit_decision(options.clone()).await.unwrap_err()),
        "conflict"
    );
    assert_eq!(calls(&options).length(), 1, "nothing was overwritten");
}

fn pages(more: &str) -> JsValue {
    js(&format!(
        "(() => {{ const calls = []; const fetch = async (url) => {{ calls.push({{ url }}); const page = Number(new URL(url).searchParams.get('page'));
             const data = Array.from({{ length: page < 4 ? 10 : 5 }}, (_, i) => ({{ uuid: `u${{(page - 1) * 10 + i}}` }}));
             return Response.json({{ data, meta: {{ page, per_page: 10, total: 35 }} }}); }};
           return {{ perPage: 10, maxRetries: 0, fetch, ...({more}), get [Symbol.for('calls')]() {{ return calls; }} }}; }})()"
    ))
}

async fn walk(options: &JsValue) -> Result<Vec<String>, JsValue> {
    let walk = core::AttestationWalk::new(options.clone())?;
    let mut seen = Vec::new();
    loop {
        let page = JsFuture::from(walk.next()).await?;
        if page.is_undefined() {
            return Ok(seen);
        }
        seen.extend(
            page.unchecked_into::<Array>()
                .iter()
                .map(|record| text(&record, "uuid")),
        );
    }
}

#[wasm_bindgen_test]
async fn a_walk_delivers_all_in_order_and_stops_where_it_is_told() {
    let all = walk(&pages("{}")).await.unwrap();
    assert_eq!(all, (0..35).map(|i| format!("u{i}")).collect::<Vec<_>>());
    let options = pages("{ limit: 12, concurrency: 1 }");
    assert_eq!(walk(&options).await.unwrap().len(), 12);
    assert_eq!(calls(&options).length(), 2);
    let error = walk(&pages("{ concurrency: 0 }")).await.unwrap_err();
    assert_eq!(code(&error), "invalid_argument");

    let walk = core::AttestationWalk::new(pages("{ fetch: () => new Promise(() => {}) }")).unwrap();
    let waiting = walk.next();
    walk.stop();
    assert!(
        JsFuture::from(waiting).await.unwrap().is_undefined(),
        "a `next` that waits ends"
    );
}

#[wasm_bindgen_test]
async fn filters_are_plain_data() {
    let options = pages("{ where: { field: 'sig_version', op: 'gte', value: 2 } }");
    core::search_attestations(options.clone()).await.unwrap();
    assert!(
        text(&calls(&options).get(0), "url").contains("fieldName=sig_versiongte&fieldValue=2&")
    );
    for filter in [
        "5",
        "[]",
        "{}",
        "{ field: 'a' }",
        "{ field: 'a', value: {} }",
        "{ field: 'a', value: NaN }",
        "{ field: 'a', value: 'b', op: 'like' }",
        "{ field: 'a', value: 'b', more: 1 }",
        "{ get field() { throw 1; }, value: 'b' }",
    ] {
        let options = pages(&format!("{{ where: {filter} }}"));
        assert_eq!(
            code(
                &core::search_attestations(options.clone())
                    .await
                    .unwrap_err()
            ),
            "invalid_argument",
            "{filter}"
        );
        assert_eq!(calls(&options).length(), 0);
    }
}

#[wasm_bindgen_test]
async fn screening_takes_a_record_and_a_policy() {
    let found = |more: &str| {
        core::screen_pii(js(&format!(
            "({{ pii: {RECORD}, policy: {{}}, now: '2026-11-21', ...({more}) }})"
        )))
    };
    let findings = found("{ pii: { id: 'r1', links: [], verifiedInformation: { dateOfBirth: '2010-01-01', email: 'x' } }, policy: { minAge: 18 } }").await.unwrap();
    let findings: Vec<BTreeMap<String, String>> = serde_wasm_bindgen::from_value(findings).unwrap();
    let codes: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.get("code").cloned())
        .collect();
    assert!(
        codes.contains(&"under_age".to_owned()) && codes.contains(&"malformed_email".to_owned()),
        "{codes:?}"
    );
    for (more, name) in [
        ("{ policy: { minage: 18 } }", "policy.minage"),
        ("{ policy: { minAge: -1 } }", "policy.minAge"),
        (
            "{ policy: { allowedCountries: ['GBR', 5] } }",
            "policy.allowedCountries[1]",
        ),
        (
            "{ policy: { allowedCountries: ['XX'] } }",
            "policy.allowedCountries[0]",
        ),
        (
            "{ policy: { requireBothSides: 'yes' } }",
            "policy.requireBothSides",
        ),
        ("{ policy: undefined }", "policy"),
        (
            "{ pii: { links: [] , verifiedInformation: { email: 5 } } }",
            "pii.verifiedInformation.email",
        ),
        ("{ pii: {} }", "pii.links"),
        ("{ now: 'today' }", "now"),
        ("{ now: NaN }", "now"),
    ] {
        let error = found(more).await.unwrap_err();
        assert_eq!(code(&error), "invalid_argument");
        assert!(
            text(&error, "message").contains(&format!("`{name}`")),
            "{more}: {}",
            text(&error, "message")
        );
    }
}
