//! Calls under way, by their numbers, and the questions that are put to them.

use super::hands;
use crate::call::{Call, Judge, Next, Refusal, Step};
use crate::error::{Code, Error};
use crate::request::Request;
use crate::retry::Hints;
use crate::token::AccessToken;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Things that JavaScript holds by number, from 1.
pub struct Held<T>(Vec<Option<Box<T>>>);

impl<T> Held<T> {
    /// Nothing held.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes hold of a thing.
    pub fn keep(&mut self, thing: T) -> u32 {
        let thing = Some(Box::new(thing));
        let free = self.0.iter().position(Option::is_none);
        let place = free.unwrap_or(self.0.len());
        match self.0.get_mut(place) {
            Some(slot) => *slot = thing,
            None => self.0.push(thing),
        }
        u32::try_from(place + 1).unwrap_or(0)
    }

    /// The thing with that number.
    pub fn get(&mut self, number: u32) -> Option<&mut T> {
        let slot = self.0.get_mut((number as usize).checked_sub(1)?)?;
        slot.as_deref_mut()
    }

    /// Lets go.
    pub fn drop(&mut self, number: u32) {
        if let Some(slot) = (number as usize)
            .checked_sub(1)
            .and_then(|place| self.0.get_mut(place))
        {
            *slot = None;
        }
    }
}

thread_local! {
    static CALLS: RefCell<Held<Call>> = const { RefCell::new(Held::new()) };
}

/// What to do next, as JavaScript hears it; a number of milliseconds to wait is not below 0.
mod say {
    /// Send what was handed over.
    pub const SEND: f64 = -1.0;
    /// The answer is the result.
    pub const ANSWER: f64 = -2.0;
    /// What was handed over is the result.
    pub const RESULT: f64 = -3.0;
    /// Get a new token.
    pub const RENEW: f64 = -4.0;
    /// Let the token go, and fail.
    pub const DISCARD: f64 = -5.0;
    /// Fail.
    pub const GIVE_UP: f64 = -6.0;
}

/// Takes a new call, if it can be made: its number, or 0.
#[inline(never)]
pub fn begin(most_retries: u32, secret: &str, made: Result<(Request, Judge), Error>) -> u32 {
    match made {
        Ok((request, judge)) => {
            hands::send(&request);
            let call = Call::new(request, judge, secret.to_owned(), most_retries);
            CALLS.with_borrow_mut(|calls| calls.keep(call))
        }
        Err(error) => {
            hands::fault(&error);
            0
        }
    }
}

/// Asks a call. Not generic: each copy would bring the look-up along.
#[inline(never)]
pub fn with(number: u32, ask: &mut dyn FnMut(&mut Call) -> f64) -> f64 {
    CALLS.with_borrow_mut(|calls| calls.get(number).map_or(say::GIVE_UP, ask))
}

/// Begins a further attempt: hands over its first request.
#[wasm_bindgen]
pub fn attempt(number: u32) {
    with(number, &mut |call| {
        call.attempt();
        hands::send(call.request());
        say::SEND
    });
}

/// As a list: by names, the converter would bring a hash table of them along, a twentieth of the module.
fn tell(token: &AccessToken) -> JsValue {
    let told = (
        &token.access_token,
        &token.token_type,
        &token.scopes,
        token.expires_at,
        token.leeway,
    );
    serde_wasm_bindgen::to_value(&told).unwrap_or(JsValue::UNDEFINED)
}

#[inline(never)]
fn follow(call: &mut Call, step: Result<Step, Error>) -> f64 {
    match step {
        Ok(Step::Send) => {
            hands::send(call.request());
            say::SEND
        }
        Ok(Step::Answer) => say::ANSWER,
        Ok(Step::Decided(outcome)) => {
            hands::result(&outcome.as_str().into());
            say::RESULT
        }
        Ok(Step::Token(token)) => {
            hands::result(&tell(&token));
            say::RESULT
        }
        Err(error) => {
            hands::fault(&error);
            next(
                call,
                error.code,
                error.status.is_some(),
                error.retryable,
                error.retry_after_ms,
            )
        }
    }
}

#[inline(never)]
fn next(
    call: &mut Call,
    code: Code,
    answered: bool,
    retryable: bool,
    requested_ms: Option<f64>,
) -> f64 {
    match call.next(
        code,
        answered,
        retryable,
        requested_ms,
        js_sys::Math::random(),
    ) {
        Next::Wait(ms) => ms,
        Next::Renew => say::RENEW,
        Next::Discard => say::DISCARD,
        Next::GiveUp => say::GIVE_UP,
    }
}

/// An answer of 2xx came.
#[wasm_bindgen]
pub fn accepted(number: u32, status: u32, answer: &JsValue, content_type: &str) -> f64 {
    with(number, &mut |call| {
        let status = u16::try_from(status).unwrap_or(0);
        let step = call.accept(status, answer, Some(content_type), js_sys::Date::now());
        follow(call, step)
    })
}

/// Any other answer came.
#[wasm_bindgen]
pub fn refused(
    number: u32,
    status: u32,
    body: &JsValue,
    retry_after: &str,
    reset: &str,
    request_id: &str,
    token: &str,
) -> f64 {
    with(number, &mut |call| {
        let refusal = Refusal {
            status: u16::try_from(status).unwrap_or(0),
            body,
            hints: Hints {
                retry_after: Some(retry_after),
                reset: Some(reset),
            },
            request_id: Some(request_id),
            token,
        };
        let step = call.refuse(&refusal, js_sys::Date::now());
        follow(call, step)
    })
}

/// The attempt failed before the core saw an answer.
#[wasm_bindgen]
pub fn failed(number: u32, retryable: bool) -> f64 {
    with(number, &mut |call| {
        next(call, Code::Network, false, retryable, None)
    })
}

/// The call has ended.
#[wasm_bindgen]
pub fn end(number: u32) {
    CALLS.with_borrow_mut(|calls| calls.drop(number));
}
