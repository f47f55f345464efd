//! Calls under way, by their numbers, and the questions that are put to them.

use super::attestations::{list_attestations, search_attestations};
use super::decision::submit_decision;
use super::evidence::{evidence_at, evidence_in};
use super::hands;
use super::pii::retrieve_pii;
use super::screening::screen_pii;
use super::token::exchange_token;
use crate::call::{Call, Judge, Next, Refusal, Step};
use crate::error::{Code, Error};
use crate::json::Json;
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

/// What JavaScript hands over for an operation, by place. As one list: wasm-bindgen unpacks arguments one by one, with a
/// fault of its own for each, 200 bytes and more an export.
pub struct Arguments<'a>(pub &'a JsValue);

impl Arguments<'_> {
    /// As it came.
    pub fn value(&self, place: u32) -> JsValue {
        Json::at(self.0, place)
    }

    /// A text, where there is one.
    pub fn optional(&self, place: u32) -> Option<String> {
        self.value(place).text()
    }

    /// A text; empty where there is none.
    pub fn text(&self, place: u32) -> String {
        self.optional(place).unwrap_or_default()
    }

    /// A whole number that JavaScript has checked.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number of 32 bits"
    )]
    pub fn number(&self, place: u32) -> u32 {
        self.value(place).number().unwrap_or_default() as u32
    }
}

/// What a call begins with.
pub type Made = Result<(Request, Judge), Error>;

/// Takes a new call, if it can be made: its number, or 0. The operations are numbered as `OPERATIONS` of
/// `pkg-template/start.js` numbers them.
#[wasm_bindgen]
pub fn begin(operation: u32, most_retries: u32, arguments: &JsValue) -> u32 {
    let of = &Arguments(arguments);
    let mut secret = String::new();
    let made = match operation {
        0 => {
            secret = of.text(2);
            exchange_token(of)
        }
        1 => retrieve_pii(of),
        2 => evidence_in(of),
        3 => evidence_at(of),
        4 => submit_decision(of),
        5 => list_attestations(of),
        6 => search_attestations(of),
        _ => {
            screen_pii(of);
            return 0;
        }
    };
    match made {
        Ok((request, judge)) => {
            hands::send(&request);
            let call = Call::new(request, judge, secret, most_retries);
            CALLS.with_borrow_mut(|calls| calls.keep(call))
        }
        Err(error) => {
            hands::fault(&error);
            0
        }
    }
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

/// What JavaScript tells of a call.
mod told {
    /// An answer of 2xx: its value, and the type that it declares.
    pub const ACCEPTED: u32 = 0;
    /// Any other answer: its body, and `retry-after`, `x-ratelimit-reset`, its id, and the token that was sent.
    pub const REFUSED: u32 = 1;
    /// The attempt failed before the core saw an answer; worth another try.
    pub const FAILED: u32 = 2;
    /// The same, and not worth one.
    pub const SPOILT: u32 = 3;
    /// A further attempt begins.
    pub const ATTEMPT: u32 = 4;
    /// The first bytes of evidence came.
    pub const BYTES: u32 = 5;
}

/// Tells what came of a call; what to do next.
#[wasm_bindgen]
pub fn hear(number: u32, what: u32, status: u32, value: &JsValue, texts: &JsValue) -> f64 {
    CALLS.with_borrow_mut(|calls| {
        let Some(call) = calls.get(number) else {
            return say::GIVE_UP;
        };
        let texts = Arguments(texts);
        let status = u16::try_from(status).unwrap_or(0);
        match what {
            told::ACCEPTED => {
                let content_type = texts.optional(0);
                let now = js_sys::Date::now();
                let step = call.accept(status, value, content_type.as_deref(), now);
                follow(call, step)
            }
            told::REFUSED => {
                let [after, reset, id] = [0, 1, 2].map(|place| texts.optional(place));
                let refusal = Refusal {
                    status,
                    body: value,
                    hints: Hints {
                        retry_after: after.as_deref(),
                        reset: reset.as_deref(),
                    },
                    request_id: id.as_deref(),
                    token: &texts.text(3),
                };
                let step = call.refuse(&refusal, js_sys::Date::now());
                follow(call, step)
            }
            told::FAILED => next(call, Code::Network, false, true, None),
            told::SPOILT => next(call, Code::BadResponse, false, false, None),
            told::ATTEMPT => {
                call.attempt();
                hands::send(call.request());
                say::SEND
            }
            told::BYTES => {
                let start: Vec<u8> = (0..value.count())
                    .filter_map(|place| u8::try_from(Arguments(value).number(place)).ok())
                    .collect();
                match call.sniff(&start) {
                    Ok(content_type) => hands::result(&content_type.into()),
                    Err(error) => hands::fault(&error),
                }
                say::RESULT
            }
            _ => {
                calls.drop(number);
                say::RESULT
            }
        }
    })
}
