//! One call from its first attempt to its end: abort, time-out, retries.

use super::event::{Event, tell};
use super::failure::Failure;
use super::js::{Timer, look, method, now};
use super::options::Options;
use super::token::Bearer;
use crate::error::{Code, Error};
use crate::retry::{self, Next};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Poll, Waker};
use wasm_bindgen::prelude::*;

/// What ends a wait early.
#[derive(Default)]
pub struct Stop {
    aborted: RefCell<Option<JsValue>>,
    timed_out: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    /// What is to be torn down though nobody waits for it: a stream that is not being read.
    pub idle: RefCell<Option<Box<dyn Fn()>>>,
}

impl Stop {
    /// The caller does not want the call any more.
    pub fn abort(&self, reason: JsValue) {
        self.aborted.borrow_mut().get_or_insert(reason);
        self.wake();
    }

    fn time_out(&self) {
        self.timed_out.set(true);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
        let idle = self.idle.borrow_mut().take();
        if let Some(tear_down) = idle {
            tear_down();
        }
    }

    /// Why it was stopped, if it was.
    pub fn failure(&self) -> Option<Failure> {
        if let Some(reason) = self.aborted.borrow().as_ref() {
            return Some(Failure::aborted(reason.clone()));
        }
        let error =
            || Error::new(Code::Timeout, "the attempt took longer than `timeoutMs`").retryable();
        self.timed_out.get().then(|| error().into())
    }
}

/// The listener on the caller's signal; gone when the call is.
struct Listener {
    signal: JsValue,
    callback: Closure<dyn FnMut()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(remove) = method(&self.signal, "removeEventListener") {
            let _ = remove.call2(&self.signal, &"abort".into(), self.callback.as_ref());
        }
    }
}

/// What all attempts of one call share.
pub struct Call {
    /// The name of the operation.
    pub operation: &'static str,
    /// The caller's transport, or the platform's.
    pub fetch: Function,
    /// Passed to `fetch` only where set: some runtimes reject the field.
    pub credentials: JsValue,
    /// Whether a browser asks, whose cache must not keep what comes. Elsewhere `fetch` has no cache, and workerd
    /// rejects the field.
    pub no_store: bool,
    /// The clock of the try under way; what outlives the try, a stream, keeps it.
    pub clock: RefCell<Option<Rc<Timer>>>,
    /// What ends it early.
    pub stop: Rc<Stop>,
    /// The status of the latest answer.
    pub status: Cell<Option<u16>>,
    /// Which try it is, from 1.
    pub attempts: Cell<u32>,
    /// How long one attempt may take.
    pub timeout_ms: f64,
    max_retries: u32,
    on_event: Option<Function>,
    _listener: Option<Listener>,
}

/// What one try of an operation gives.
pub type Try = Pin<Box<dyn Future<Output = Result<JsValue, Failure>>>>;

impl Call {
    /// Takes the options that all operations share.
    pub fn new(operation: &'static str, options: &Options) -> Result<Rc<Self>, Failure> {
        let fetch = options
            .function("fetch")?
            .ok_or_else(|| Error::option("fetch", "a function, since this runtime has none"))?;
        let credentials = options.get("credentials");
        let known = ["omit", "same-origin", "include"];
        if !credentials.is_undefined()
            && !credentials
                .as_string()
                .is_some_and(|text| known.contains(&text.as_str()))
        {
            return Err(Error::option("credentials", "omit, same-origin or include").into());
        }
        // setTimeout takes no more than 31 bits.
        let timeout_ms = options.whole("timeoutMs", 1, 2_147_483_647, 30_000)?;
        let max_retries = options.whole("maxRetries", 0, 1000, 2)?;
        let on_event = options.function("onEvent")?;
        let stop = Rc::new(Stop::default());
        let listener = options
            .signal()?
            .map(|signal| listen(signal, &stop))
            .transpose()?;
        Ok(Rc::new(Self {
            operation,
            fetch,
            credentials,
            no_store: options.get("noStore").is_truthy(),
            clock: RefCell::new(None),
            stop,
            status: Cell::new(None),
            attempts: Cell::new(0),
            timeout_ms: f64::from(timeout_ms),
            max_retries,
            on_event,
            _listener: listener,
        }))
    }

    /// Waits for something, until it comes or the call is stopped. What comes too late is dropped.
    pub async fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Failure> {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Some(failure) = self.stop.failure() {
                return Poll::Ready(Err(failure));
            }
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(value));
            }
            self.stop.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// Starts the clock of one attempt, which stops when the guard is dropped.
    fn start_clock(&self) -> Timer {
        self.stop.timed_out.set(false);
        let stop = self.stop.clone();
        Timer::new(self.timeout_ms, move || stop.time_out())
    }

    /// Waits no longer than an attempt may take.
    pub async fn wait_briefly<T>(&self, future: impl Future<Output = T>) -> Result<T, Failure> {
        let clock = self.start_clock();
        let value = self.wait(future).await;
        drop(clock);
        self.stop.timed_out.set(false);
        value
    }

    /// Waits for a time.
    pub async fn sleep(&self, ms: f64) -> Result<(), Failure> {
        self.stop.timed_out.set(false);
        let rung: Rc<(Cell<bool>, RefCell<Option<Waker>>)> = Rc::default();
        let bell = rung.clone();
        let _timer = Timer::new(ms, move || {
            bell.0.set(true);
            if let Some(waker) = bell.1.borrow_mut().take() {
                waker.wake();
            }
        });
        self.wait(poll_fn(|context| {
            if rung.0.get() {
                return Poll::Ready(());
            }
            rung.1.replace(Some(context.waker().clone()));
            Poll::Pending
        }))
        .await
    }

    /// Tries until it works, is no use any more, or the caller stops it.
    pub async fn run(
        &self,
        bearer: &Bearer,
        operation: &dyn Fn() -> Try,
    ) -> Result<JsValue, JsValue> {
        let began = now();
        let mut attempt = 0;
        let mut retries = 0;
        let mut renewed = false;
        let end = |failure: Failure, attempt: u32| {
            let (code, status) = failure.summary();
            let event = Event {
                kind: "failure",
                attempt,
                ms: now() - began,
                status,
                code,
                delay_ms: None,
            };
            tell(self.on_event.as_ref(), self.operation, &event);
            Err(failure.into_js(self.operation, attempt))
        };
        loop {
            if let Some(failure) = self.stop.failure().filter(|_| attempt == 0) {
                return end(failure, attempt);
            }
            attempt += 1;
            self.attempts.set(attempt);
            let tried = now();
            self.tell("attempt", attempt, tried - began, None, None);
            self.clock.replace(Some(Rc::new(self.start_clock())));
            let result = operation().await;
            self.clock.take();
            let failure = match result {
                Ok(value) => {
                    let event = Event {
                        kind: "success",
                        attempt,
                        ms: now() - began,
                        status: self.status.get(),
                        ..Event::default()
                    };
                    tell(self.on_event.as_ref(), self.operation, &event);
                    return Ok(value);
                }
                Err(failure) => failure.with_status(self.status.get()),
            };
            let Some(error) = failure.error().cloned() else {
                return end(failure, attempt);
            };
            // A token can end before its time (revoked, or a clock that is off): one more try with a new one. If
            // that is refused, too, it must not be kept either.
            let refused = error.code == Code::Unauthorized && error.status.is_some();
            if refused && renewed && bearer.is_provider() {
                let _ = self.wait_briefly(bearer.renew()).await;
            }
            if refused && !renewed {
                renewed = true;
                match self.wait_briefly(bearer.renew()).await {
                    Ok(Ok(true)) => {
                        self.tell("retry", attempt, now() - tried, Some(&error), Some(0.0));
                        continue;
                    }
                    Ok(Ok(false)) => {}
                    Ok(Err(failure)) | Err(failure) => return end(failure, attempt),
                }
            }
            match retry::next(
                error.retryable,
                retries,
                self.max_retries,
                error.retry_after_ms,
                js_sys::Math::random(),
            ) {
                Next::GiveUp => return end(failure, attempt),
                Next::Wait(delay) => {
                    self.tell("retry", attempt, now() - tried, Some(&error), Some(delay));
                    if let Err(failure) = self.sleep(delay).await {
                        return end(failure, attempt);
                    }
                    retries += 1;
                }
            }
        }
    }

    fn tell(
        &self,
        kind: &'static str,
        attempt: u32,
        ms: f64,
        error: Option<&Error>,
        delay_ms: Option<f64>,
    ) {
        let event = Event {
            kind,
            attempt,
            ms,
            status: error.and_then(|error| error.status),
            code: error.map(|error| error.code.as_str().to_owned()),
            delay_ms,
        };
        tell(self.on_event.as_ref(), self.operation, &event);
    }
}

fn listen(signal: JsValue, stop: &Rc<Stop>) -> Result<Listener, Error> {
    let not_a_signal = || Error::option("signal", "an AbortSignal");
    let (of, into) = (signal.clone(), stop.clone());
    let callback = Closure::<dyn FnMut()>::new(move || into.abort(look(&of, "reason")));
    if look(&signal, "aborted").is_truthy() {
        stop.abort(look(&signal, "reason"));
    } else {
        let add = method(&signal, "addEventListener").ok_or_else(not_a_signal)?;
        add.call2(&signal, &"abort".into(), callback.as_ref())
            .map_err(|_| not_a_signal())?;
    }
    Ok(Listener { signal, callback })
}
