//! `exchange_token`, and who keeps a token and shares it.

use super::call::{Given, make_for_token, unforeseen};
use super::clock::{now, wait};
use super::options::CallOptions;
use super::platform::{in_page, in_worker};
use crate::error::{Code, Error};
use crate::link::Address;
use crate::token::{self, CIVIC_AUDIENCE, Client, is_fresh};
pub use crate::token::{AccessToken, Encoding};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Who asks for a token, and for what.
#[derive(Clone)]
pub struct ExchangeTokenOptions {
    /// Where tokens are exchanged: `https` (`http` on loopback only).
    pub token_url: String,
    /// The client's name.
    pub client_id: String,
    /// The client's secret: goes into the body of the exchange, and nowhere else.
    pub client_secret: String,
    /// For whom the token is: Civic's Partner API, as its text has it. Empty for none: globaliD knows no audience.
    pub audience: String,
    /// What the token shall allow; empty for whatever the service gives.
    pub scope: String,
    /// How the body is written: as JSON.
    pub encoding: Encoding,
    /// Lets a page hold the secret, which everyone who opens the page can read.
    pub dangerously_allow_browser: bool,
    /// How the call is made.
    pub call: CallOptions,
}

impl ExchangeTokenOptions {
    /// The options that have no default, and the others' defaults.
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        Self {
            token_url: token_url.into(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            audience: CIVIC_AUDIENCE.to_owned(),
            scope: String::new(),
            encoding: Encoding::Json,
            dangerously_allow_browser: false,
            call: CallOptions::default(),
        }
    }

    fn client(&self) -> Result<Client, Error> {
        if in_page() && !self.dangerously_allow_browser {
            return Err(Error::new(
                Code::SecretInBrowser,
                "a page must not hold `clientSecret`: everyone who opens it can read it",
            ));
        }
        let token_url = Address::parse(&self.token_url)
            .ok_or_else(|| Error::option("tokenUrl", "an https address (http on loopback only)"))?;
        let named = |value: &String, name| {
            if value.is_empty() {
                return Err(Error::option(name, "a string that is not empty"));
            }
            Ok(value.clone())
        };
        Ok(Client {
            token_url,
            client_id: named(&self.client_id, "clientId")?,
            client_secret: named(&self.client_secret, "clientSecret")?,
            audience: self.audience.clone(),
            scope: self.scope.clone(),
            encoding: self.encoding,
        })
    }
}

/// Exchanges a client's name and secret for a token ("1. Retrieve an access token" of Civic's text; RFC 6749, section 4.4).
///
/// # Errors
/// `invalid_argument` and `secret_in_browser` before anything is sent; `bad_response` where the answer is no token; what
/// [every call](super#errors) can fail with.
pub async fn exchange_token(options: &ExchangeTokenOptions) -> Result<AccessToken, Error> {
    exchange(options, &Cell::default()).await
}

async fn exchange(options: &ExchangeTokenOptions, rest: &Cell<f64>) -> Result<AccessToken, Error> {
    let client = options.client()?;
    let request = token::exchange_token(&client);
    let secret = &client.client_secret;
    match make_for_token(request, secret, options.call, rest).await? {
        Given::Token(token) => Ok(token),
        _ => Err(unforeseen()),
    }
}

/// A future of this thread's, as a trait hands it out.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Where tokens come from: a [`TokenProvider`], or whatever keeps them for you (a Durable Object, a store that several
/// instances share).
pub trait TokenSource {
    /// The token to send now.
    fn token(&self) -> LocalFuture<'_, Result<String, Error>>;
    /// Takes note that a token was refused, and must not be given again. A call that was answered with 401 does this, and asks
    /// for another token; if there is one, it is tried once more, whatever `max_retries`.
    fn invalidate<'a>(&'a self, refused: &'a str) -> LocalFuture<'a, ()>;
}

/// Who calls.
#[derive(Clone)]
pub enum Token {
    /// A token: 1 to 16,384 visible ASCII characters.
    Text(String),
    /// What is asked for one, for each attempt.
    Source(Rc<dyn TokenSource>),
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self::Text(token.to_owned())
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self::Text(token)
    }
}

impl From<AccessToken> for Token {
    fn from(token: AccessToken) -> Self {
        Self::Text(token.access_token)
    }
}

impl From<TokenProvider> for Token {
    fn from(provider: TokenProvider) -> Self {
        Self::Source(Rc::new(provider))
    }
}

/// How often those who wait for another's exchange look, in milliseconds.
const LOOK_MS: f64 = 8.0;
/// How long a Worker's request waits for another request's exchange, in milliseconds: that one may be gone, and its promises
/// with it. Elsewhere it is as long as an attempt may take.
const PATIENCE_MS: f64 = 1000.0;

/// Keeps a token for as long as it is good, and exchanges a new one when it is not: once for all who ask at the same time. A
/// token counts as expired a tenth of its lifetime early, or a minute if that is less.
///
/// Clones share the token. What is shared are values, never a future: where one request of a Worker's awaits what another
/// began, it may wait for ever.
#[derive(Clone)]
pub struct TokenProvider(Rc<Kept>);

struct Kept {
    options: ExchangeTokenOptions,
    state: RefCell<State>,
    /// Until when the server asked to be left alone, in epoch milliseconds. That holds for the next exchange, too, where the call
    /// that was told so has timed out, or was dropped.
    rest: Cell<f64>,
}

#[derive(Default)]
struct State {
    token: Option<AccessToken>,
    exchange: Option<Rc<Exchange>>,
}

/// An exchange under way, as the others see it: how it ended.
#[derive(Default)]
struct Exchange(RefCell<Option<End>>);

#[derive(Clone)]
enum End {
    /// There is a token, or the future was dropped.
    Over,
    /// It failed, and so shall those who waited.
    Failed(Error),
}

impl Exchange {
    fn end(&self) -> Option<End> {
        self.0.borrow().clone()
    }
}

/// Says that an exchange is over, whatever became of it.
struct Release(Rc<Exchange>);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.0.borrow_mut().get_or_insert(End::Over);
    }
}

impl TokenProvider {
    /// Keeps nothing yet, and sends nothing.
    pub fn new(options: ExchangeTokenOptions) -> Self {
        Self(Rc::new(Kept {
            options,
            state: RefCell::default(),
            rest: Cell::default(),
        }))
    }

    /// The token that is good now.
    ///
    /// # Errors
    /// As [`exchange_token`]. A failure is not kept: who asks next begins anew.
    pub async fn get(&self) -> Result<AccessToken, Error> {
        let own = f64::from(self.0.options.call.timeout_ms);
        let most = if in_worker() {
            PATIENCE_MS.min(own)
        } else {
            own
        };
        let began = now();
        // While the server wants to be left alone, nobody loses patience.
        let over = |since: f64, ms: f64| now() >= since.max(self.0.rest.get()) + ms;
        loop {
            if let Some(token) = self.held() {
                return Ok(token);
            }
            // Each exchange gets its own patience, so that of many who lost theirs only the first begins another; all together no
            // more than an attempt of one's own may take.
            let Some(exchange) = self.under_way() else {
                break;
            };
            let since = now();
            while exchange.end().is_none() && !over(since, most) && !over(began, own) {
                wait(LOOK_MS).await;
            }
            match exchange.end() {
                Some(End::Failed(error)) => return Err(error),
                None if self.is_latest(&exchange) || over(began, own) => break,
                Some(End::Over) | None => {}
            }
        }
        let release = Release(Rc::default());
        self.0.state.borrow_mut().exchange = Some(Rc::clone(&release.0));
        let rest = self.0.rest.get() - now();
        if rest > 0.0 {
            wait(rest).await;
        }
        let exchanged = exchange(&self.0.options, &self.0.rest).await;
        // Who lost patience with this one may have brought a token.
        let exchanged = exchanged.or_else(|error| self.held().ok_or(error));
        match &exchanged {
            Ok(token) => self.0.state.borrow_mut().token = Some(token.clone()),
            Err(error) => *release.0.0.borrow_mut() = Some(End::Failed(error.clone())),
        }
        exchanged
    }

    /// Drops that token, and no newer one.
    pub fn invalidate(&self, access_token: &str) {
        let mut state = self.0.state.borrow_mut();
        if let Some(token) = &state.token
            && token.access_token == access_token
        {
            state.token = None;
        }
    }

    fn held(&self) -> Option<AccessToken> {
        let state = self.0.state.borrow();
        let fresh = |token: &&AccessToken| is_fresh(token.expires_at, token.leeway, now());
        state.token.as_ref().filter(fresh).cloned()
    }

    fn under_way(&self) -> Option<Rc<Exchange>> {
        let exchange = self.0.state.borrow().exchange.clone();
        exchange.filter(|exchange| exchange.end().is_none())
    }

    fn is_latest(&self, exchange: &Rc<Exchange>) -> bool {
        let state = self.0.state.borrow();
        let latest = state.exchange.as_ref();
        latest.is_some_and(|latest| Rc::ptr_eq(latest, exchange))
    }
}

impl TokenSource for TokenProvider {
    fn token(&self) -> LocalFuture<'_, Result<String, Error>> {
        Box::pin(async { self.get().await.map(|token| token.access_token) })
    }

    fn invalidate<'a>(&'a self, refused: &'a str) -> LocalFuture<'a, ()> {
        Box::pin(async move { Self::invalidate(self, refused) })
    }
}
