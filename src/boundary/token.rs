//! Tokens: who asks for one, who keeps it, who shares it.
//!
//! A provider's state is a JavaScript object that the package's entry keeps, so it outlives an instance. It holds
//! values only: in a Worker, a promise awaited by a request that did not begin it may never settle.

use super::body;
use super::call::Call;
use super::failure::Failure;
use super::js::{Timer, get, look, method, now, promise, set};
use super::options::Options;
use super::transport::send;
use crate::error::{Code, Error};
use crate::link::Address;
use crate::token::{
    self, BEAT_MS, CIVIC_AUDIENCE, Client, Encoding, LEASE_MS, LOOK_MS, PATIENCE_MS,
    STORED_LEEWAY_MS, is_fresh, is_token,
};
use js_sys::Function;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Where a call's token comes from.
pub struct Bearer {
    source: Source,
    /// The token that was sent last.
    sent: RefCell<Option<String>>,
    /// A newer one, already asked for.
    next: RefCell<Option<String>>,
    /// What else an answer must not echo.
    secret: String,
}

enum Source {
    None,
    Text,
    Function(Function),
    Provider { get: Function, invalidate: Function },
}

impl Bearer {
    /// No token at all; `secret` is what else was sent.
    pub fn none(secret: &str) -> Rc<Self> {
        Rc::new(Self {
            source: Source::None,
            sent: RefCell::default(),
            next: RefCell::default(),
            secret: secret.to_owned(),
        })
    }

    /// The option `token`: a string, a function, or a provider.
    pub fn of(options: &Options, required: bool) -> Result<Rc<Self>, Error> {
        let value = options.get("token");
        let bearer = |source, next| {
            Rc::new(Self {
                source,
                sent: RefCell::default(),
                next: RefCell::new(next),
                secret: String::new(),
            })
        };
        if value.is_undefined() && !required {
            return Ok(bearer(Source::None, None));
        }
        if let Some(token) = value.as_string() {
            token::check(&token)?;
            return Ok(bearer(Source::Text, Some(token)));
        }
        if let (Some(get), Some(invalidate)) = (method(&value, "get"), method(&value, "invalidate"))
        {
            return Ok(bearer(Source::Provider { get, invalidate }, None));
        }
        let function = value
            .dyn_into()
            .map_err(|_| Error::option("token", "a string, a function or a token provider"))?;
        Ok(bearer(Source::Function(function), None))
    }

    /// The token to send now.
    pub async fn get(&self, signal: &JsValue) -> Result<Option<String>, Failure> {
        let ready = self.next.borrow_mut().take();
        let token = match (ready, &self.source) {
            (Some(token), _) => Some(token),
            (None, Source::None) => None,
            (None, Source::Text) => self.sent.borrow().clone(),
            (None, Source::Function(function)) => Some(
                called(function.call0(&JsValue::UNDEFINED))
                    .await
                    .and_then(|token| {
                        token
                            .as_string()
                            .filter(|token| is_token(token))
                            .ok_or_else(|| {
                                Error::option("token", "a function that gives a token").into()
                            })
                    })?,
            ),
            (None, Source::Provider { get: ask, .. }) => {
                let options = JsValue::from(js_sys::Object::new());
                set(&options, "signal", signal);
                let token = called(ask.call1(&JsValue::UNDEFINED, &options)).await?;
                let token = look(&token, "accessToken")
                    .as_string()
                    .filter(|token| is_token(token));
                Some(token.ok_or_else(|| {
                    Failure::from(Error::option(
                        "token",
                        "a provider that gives access tokens",
                    ))
                })?)
            }
        };
        self.sent.replace(token.clone());
        Ok(token)
    }

    /// Gets rid of the token that was refused. Whether another try with a new one makes sense.
    pub async fn renew(&self) -> Result<bool, Failure> {
        let Some(refused) = self.sent.borrow().clone() else {
            return Ok(false);
        };
        match &self.source {
            Source::None | Source::Text => Ok(false),
            Source::Provider { invalidate, .. } => {
                called(invalidate.call1(&JsValue::UNDEFINED, &JsValue::from_str(&refused))).await?;
                Ok(true)
            }
            Source::Function(_) => {
                let token = self.get(&JsValue::UNDEFINED).await?;
                let changed = token.as_ref() != Some(&refused);
                self.next.replace(token);
                Ok(changed)
            }
        }
    }

    /// Whether it can be told that a token was refused.
    pub fn is_provider(&self) -> bool {
        matches!(self.source, Source::Provider { .. })
    }

    /// What beside the token an answer must not echo.
    pub fn secret(&self) -> String {
        self.secret.clone()
    }
}

/// Waits for what a function of the caller's gives. An error of ours passes as it is; of any other only its kind.
async fn called(given: Result<JsValue, JsValue>) -> Result<JsValue, Failure> {
    let given = match given.and_then(|given| promise(&given)) {
        Ok(given) => JsFuture::from(given).await,
        Err(thrown) => Err(thrown),
    };
    given.map_err(|thrown| {
        if is_ours(&thrown) {
            return Failure::Told(thrown);
        }
        Failure::because(
            Code::Unauthorized,
            "`token` gave no token: its function failed",
            false,
            &thrown,
        )
    })
}

/// Whether a provider of the package threw it. Of any other error the fields may be traps.
fn is_ours(thrown: &JsValue) -> bool {
    thrown.is_instance_of::<js_sys::Error>()
        && look(thrown, "name").as_string().as_deref() == Some("PassdeskError")
        && look(thrown, "operation").as_string().as_deref() == Some(OPERATION)
}

fn client(options: &Options) -> Result<Client, Error> {
    let url = options.required("tokenUrl")?;
    let token_url = Address::parse(&url)
        .ok_or_else(|| Error::option("tokenUrl", "an https address (http on loopback only)"))?;
    let named = |name| {
        options.required(name).and_then(|value| {
            if value.is_empty() {
                Err(Error::option(name, "a string that is not empty"))
            } else {
                Ok(value)
            }
        })
    };
    let client_id = named("clientId")?;
    let client_secret = named("clientSecret")?;
    let allowed = options.flag("dangerouslyAllowBrowser")?;
    if options.flag("inPage")? && !allowed {
        return Err(Error::new(
            Code::SecretInBrowser,
            "a page must not hold `clientSecret`: everyone who opens it can read it",
        ));
    }
    let encoding = match options.optional("encoding")? {
        None => Encoding::Json,
        Some(name) => {
            Encoding::parse(&name).ok_or_else(|| Error::option("encoding", "json or form"))?
        }
    };
    Ok(Client {
        token_url,
        client_id,
        client_secret,
        audience: options
            .optional("audience")?
            .unwrap_or_else(|| CIVIC_AUDIENCE.to_owned()),
        scope: options.optional("scope")?.unwrap_or_default(),
        encoding,
    })
}

const OPERATION: &str = "exchangeToken";

async fn exchange(call: &Rc<Call>, client: &Client) -> Result<JsValue, JsValue> {
    let bearer = Bearer::none(&client.client_secret);
    let request = Rc::new(token::exchange_token(client));
    let (of, with) = (call.clone(), bearer.clone());
    call.run(&bearer, &move || {
        let (call, request, bearer) = (of.clone(), request.clone(), with.clone());
        Box::pin(async move {
            let answer = send(&call, &request, &bearer).await?;
            // The lifetime counts from here: the answer was on its way for a while.
            let token = token::accept(&body::json(&answer).await?, now())?;
            let told = Told {
                access_token: &token.access_token,
                token_type: &token.token_type,
                scopes: &token.scopes,
                expires_at: token.expires_at,
                leeway: token.leeway,
            };
            serde_wasm_bindgen::to_value(&told)
                .map_err(|_| Error::new(Code::BadResponse, "the token cannot be told").into())
        })
    })
    .await
}

/// What JavaScript gets; `leeway` is ours, and taken off before it leaves.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    access_token: &'a str,
    token_type: &'a str,
    scopes: &'a [String],
    expires_at: f64,
    leeway: f64,
}

/// The caller's own copy.
fn copy(token: &JsValue) -> JsValue {
    let copy = JsValue::from(js_sys::Object::new());
    for name in ["accessToken", "tokenType", "expiresAt"] {
        set(&copy, name, &get(token, name));
    }
    set(&copy, "scopes", &js_sys::Array::from(&get(token, "scopes")));
    copy
}

/// `exchangeToken(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = exchangeToken)]
pub async fn exchange_token(options: JsValue) -> Result<JsValue, JsValue> {
    let refuse = |failure: Failure| failure.into_js(OPERATION, 0);
    let options = Options(options);
    let client = client(&options).map_err(|error| refuse(error.into()))?;
    let call = Call::new(OPERATION, &options).map_err(refuse)?;
    exchange(&call, &client).await.map(|token| copy(&token))
}

fn number(value: &JsValue, name: &'static str) -> f64 {
    get(value, name).as_f64().unwrap_or(0.0)
}

/// The token that the state holds, if it may still be used.
fn held(state: &JsValue) -> Option<JsValue> {
    let token = get(state, "token");
    (token.is_object() && is_fresh(number(&token, "expiresAt"), number(&token, "leeway"), now()))
        .then_some(token)
}

/// `provider.get(options)`: `settled` are the provider's options, `over` the call's own, `state` the provider's state.
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = getToken)]
pub async fn get_token(
    settled: JsValue,
    over: JsValue,
    state: JsValue,
) -> Result<JsValue, JsValue> {
    let refuse = |failure: Failure| failure.into_js(OPERATION, 0);
    let limited = ["timeoutMs", "maxRetries", "fetch"]
        .iter()
        .any(|name| !get(&over, name).is_undefined());
    let options = Options(over).over(&Options(settled));
    let client = client(&options).map_err(|error| refuse(error.into()))?;
    let call = Call::new(OPERATION, &options).map_err(refuse)?;
    let most = if options.get("inWorker").is_truthy() {
        PATIENCE_MS
    } else {
        f64::INFINITY
    };
    let began = now();
    loop {
        call.wait(async {}).await.map_err(refuse)?;
        if let Some(token) = held(&state) {
            return Ok(copy(&token));
        }
        // Somebody else is at it, and alive: look again until that has an end. Each exchange gets its own patience,
        // so that of many who lost theirs only the first starts another; all together no more than an attempt of
        // one's own may take.
        let exchange = get(&state, "exchange");
        let since = now();
        let lives = || {
            number(&exchange, "until") > now()
                && now() - since < most
                && now() - began < call.timeout_ms
        };
        if !get(&exchange, "end").is_undefined() || !lives() {
            break;
        }
        while get(&exchange, "end").is_undefined() && lives() {
            call.sleep(LOOK_MS).await.map_err(refuse)?;
        }
        let end = get(&exchange, "end");
        if end.is_object() {
            return Err(end);
        }
        if get(&state, "exchange") == exchange || now() - began >= call.timeout_ms {
            break;
        }
    }
    if let Some(token) = held(&state) {
        return Ok(copy(&token));
    }
    let lease = Lease::take(&state);
    let token = renew(&call, &client, &options, &state).await;
    // What came of this caller's own limits is no answer for the others.
    let shared = token
        .as_ref()
        .err()
        .filter(|error| !limited && !is_aborted(error));
    lease.end(shared);
    token.map(|token| copy(&token))
}

fn is_aborted(error: &JsValue) -> bool {
    look(error, "code").as_string().as_deref() == Some(Code::Aborted.as_str())
}

/// From the store, or else by an exchange that the store hears of.
async fn renew(
    call: &Rc<Call>,
    client: &Client,
    options: &Options,
    state: &JsValue,
) -> Result<JsValue, JsValue> {
    let store = options.get("store");
    let key = JsValue::from_str(&client.store_key());
    let stored = ask_store(call, &store, "get", &[&key]).await;
    if let Some(token) = stored.as_ref().and_then(|stored| usable(stored, state)) {
        set(state, "token", &token);
        return Ok(token);
    }
    let token = exchange(call, client).await?;
    set(state, "token", &token);
    ask_store(call, &store, "set", &[&key, &copy(&token)]).await;
    Ok(token)
}

/// A store's token, if it is one, fresh, and not the one that was refused.
fn usable(stored: &JsValue, state: &JsValue) -> Option<JsValue> {
    let access_token = look(stored, "accessToken")
        .as_string()
        .filter(|token| is_token(token))?;
    let token_type = look(stored, "tokenType").as_string()?;
    let expires_at = look(stored, "expiresAt").as_f64()?;
    let scopes = look(stored, "scopes");
    let refused = get(state, "refused").as_string();
    if refused.as_ref() == Some(&access_token)
        || !is_fresh(expires_at, STORED_LEEWAY_MS, now())
        || !js_sys::Array::is_array(&scopes)
    {
        return None;
    }
    let token = JsValue::from(js_sys::Object::new());
    set(&token, "accessToken", &access_token.into());
    set(&token, "tokenType", &token_type.into());
    set(&token, "expiresAt", &expires_at.into());
    set(&token, "scopes", &scopes);
    set(&token, "leeway", &STORED_LEEWAY_MS.into());
    Some(token)
}

/// A store that fails, or takes longer than an attempt may, is no reason to be without a token.
async fn ask_store(
    call: &Call,
    store: &JsValue,
    name: &str,
    arguments: &[&JsValue],
) -> Option<JsValue> {
    let function = method(store, name)?;
    let arguments: js_sys::Array = arguments.iter().copied().collect();
    let given = function
        .apply(store, &arguments)
        .and_then(|given| promise(&given))
        .ok()?;
    call.wait_briefly(JsFuture::from(given)).await.ok()?.ok()
}

/// The sign that an exchange lives: renewed while it does, so that it ends by itself where its request goes away.
struct Lease {
    exchange: JsValue,
    _beat: Rc<RefCell<Option<Timer>>>,
    ended: Cell<bool>,
}

impl Lease {
    fn take(state: &JsValue) -> Self {
        let exchange = JsValue::from(js_sys::Object::new());
        set(state, "exchange", &exchange);
        let beat = Rc::new(RefCell::new(None));
        renew_lease(&exchange, &beat);
        Self {
            exchange,
            _beat: beat,
            ended: Cell::new(false),
        }
    }

    fn end(&self, error: Option<&JsValue>) {
        self.ended.set(true);
        set(&self.exchange, "until", &0.into());
        set(&self.exchange, "end", error.unwrap_or(&JsValue::NULL));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.end(None);
        }
    }
}

fn renew_lease(exchange: &JsValue, beat: &Rc<RefCell<Option<Timer>>>) {
    set(exchange, "until", &(now() + LEASE_MS).into());
    let (of, weak) = (exchange.clone(), Rc::downgrade(beat));
    let timer = Timer::new(BEAT_MS, move || {
        if let Some(beat) = weak.upgrade() {
            renew_lease(&of, &beat);
        }
    });
    beat.replace(Some(timer));
}

/// `provider.invalidate(accessToken)`: drops that token, and no newer one.
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = invalidateToken)]
pub async fn invalidate_token(
    settled: JsValue,
    state: JsValue,
    access_token: JsValue,
) -> Result<JsValue, JsValue> {
    let refuse = |failure: Failure| failure.into_js(OPERATION, 0);
    let options = Options(settled);
    let client = client(&options).map_err(|error| refuse(error.into()))?;
    if access_token.as_string().is_none() {
        return Err(refuse(Error::option("accessToken", "a string").into()));
    }
    set(&state, "refused", &access_token);
    if get(&get(&state, "token"), "accessToken") == access_token {
        set(&state, "token", &JsValue::UNDEFINED);
    }
    let call = Call::new(OPERATION, &options).map_err(refuse)?;
    let store = options.get("store");
    let key = JsValue::from_str(&client.store_key());
    let stored = ask_store(&call, &store, "get", &[&key]).await;
    if stored.is_some_and(|stored| look(&stored, "accessToken") == access_token) {
        ask_store(&call, &store, "delete", &[&key]).await;
    }
    Ok(JsValue::UNDEFINED)
}
