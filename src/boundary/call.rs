//! Calls and walks under way, by their numbers, and the questions that are put to them.
//!
//! An engine compiles a function whole, before its first call: what few calls need (a screening, an exchange, a refusal) is
//! `#[inline(never)]`, lest the first of any other waits for it.

use super::attestations::{list_attestations, search_attestations};
use super::decision::submit_decision;
use super::evidence::{evidence_at, evidence_in};
use super::hands;
use super::pii::retrieve_pii;
use super::region::Region;
use super::screening::screen_pii;
use super::seen::given;
use super::token::exchange_token;
use super::walk::walk_on;
use crate::call::{Call, Judge, Next, Refusal, Step};
use crate::error::{Code, Error};
use crate::evidence::SIGNATURE_LENGTH;
use crate::json::Json;
use crate::request::Request;
use crate::retry::Hints;
use crate::slots::Slots;
use crate::token;
use crate::walk::Walk;
use std::sync::Mutex;
use wasm_bindgen::prelude::*;

/// What JavaScript holds by number.
pub enum Thing {
    /// A call.
    Call(Call),
    /// A walk.
    Walk(Walk),
}

/// A thing, and the region that all of it lies in.
struct Kept {
    thing: Box<Thing>,
    region: Region,
}

/// What is under way. A lock, and not a cell of the thread: that one is reached through a table of functions, and brings it along.
static UNDER_WAY: Mutex<Slots<Kept>> = Mutex::new(Slots::new());

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

/// What a call begins with.
pub type Made = Result<(Request, Judge), Error>;

/// Takes a new call or walk, if it can be made: its number, or 0. Or answers a question: 1 is yes. The operations are numbered as
/// `pkg-template/start.js` and `pkg-template/hands.js` number them; what they take is shown.
#[wasm_bindgen]
#[expect(unsafe_code, reason = "a region ends where nothing in it was kept")]
pub fn begin(operation: u32, most_retries: u32) -> i32 {
    let outer = Region::new().enter();
    let answer = made(operation, most_retries);
    let region = outer.enter();
    match answer {
        Ok(thing) => UNDER_WAY.lock().map_or(0, |mut under_way| {
            i32::try_from(under_way.keep(Kept { thing, region })).unwrap_or(0)
        }),
        Err(answer) => {
            // SAFETY: the answer is a number, and all that was said has been taken over.
            unsafe { region.end() };
            answer
        }
    }
}

/// The thing, or what to say without one.
fn made(operation: u32, most_retries: u32) -> Result<Box<Thing>, i32> {
    let mut secret = String::new();
    let made = match operation {
        0 => {
            secret = given::text(2);
            exchange_token()
        }
        1 => retrieve_pii(),
        2 => evidence_in(),
        3 => evidence_at(),
        4 => submit_decision(),
        5 => list_attestations(),
        6 => search_attestations(),
        7 => {
            screen_pii();
            return Err(0);
        }
        8 => return Err(token::is_token(&given::text(0)).into()),
        9 => {
            let fresh = token::is_fresh(given::number(0), given::number(1), given::number(2));
            return Err(fresh.into());
        }
        _ => {
            let walk = Walk::new(given::whole(0), given::whole(1));
            return Ok(Box::new(Thing::Walk(walk)));
        }
    };
    match made {
        Ok((request, judge)) => {
            hands::send(&request);
            let call = Call::new(request, judge, secret, most_retries);
            Ok(Box::new(Thing::Call(call)))
        }
        Err(error) => {
            hands::fault(&error);
            Err(0)
        }
    }
}

#[inline(never)]
fn follow(call: &mut Call, step: Result<Step, Error>, random: f64) -> f64 {
    match step {
        Ok(Step::Send) => {
            hands::send(call.request());
            say::SEND
        }
        Ok(Step::Answer) => say::ANSWER,
        Ok(Step::Decided(outcome)) => {
            hands::result(outcome.as_str());
            say::RESULT
        }
        Ok(Step::Token(token)) => {
            hands::token(&token);
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
                random,
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
    random: f64,
) -> f64 {
    match call.next(code, answered, retryable, requested_ms, random) {
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
    // 5: the first bytes of evidence came.
    /// It is over.
    pub const END: u32 = 6;
}

/// Tells what came of a call, or asks a walk; what to do next.
#[wasm_bindgen]
#[expect(unsafe_code, reason = "a region ends with the thing that it is for")]
pub fn hear(number: u32, what: u32, status: u32, now: f64, random: f64) -> f64 {
    let Ok(mut under_way) = UNDER_WAY.lock() else {
        return say::GIVE_UP;
    };
    let number = number as usize;
    let Some(Kept { mut thing, region }) = under_way.lend(number) else {
        return say::GIVE_UP;
    };
    if what == told::END {
        under_way.free(number);
        drop(thing);
        // SAFETY: what lay in it was the thing's.
        unsafe { region.end() };
        return say::RESULT;
    }
    let outer = region.enter();
    let next = match &mut *thing {
        Thing::Call(call) => hear_call(call, what, status, now, random),
        Thing::Walk(walk) => walk_on(walk, what),
    };
    let region = outer.enter();
    under_way.give_back(number, Kept { thing, region });
    next
}

fn hear_call(call: &mut Call, what: u32, status: u32, now: f64, random: f64) -> f64 {
    let status = u16::try_from(status).unwrap_or(0);
    match what {
        told::ACCEPTED => {
            let content_type = given::optional(1);
            let step = call.accept(status, &given::value(0), content_type.as_deref(), now);
            follow(call, step, random)
        }
        told::REFUSED => {
            let (after, reset) = (given::optional(1), given::optional(2));
            let id = given::optional(3);
            let refusal = Refusal {
                status,
                body: &given::value(0),
                hints: Hints {
                    retry_after: after.as_deref(),
                    reset: reset.as_deref(),
                },
                request_id: id.as_deref(),
                token: &given::text(4),
            };
            let step = call.refuse(&refusal, now);
            follow(call, step, random)
        }
        told::FAILED => next(call, Code::Network, false, true, None, random),
        told::SPOILT => next(call, Code::BadResponse, false, false, None, random),
        told::ATTEMPT => {
            call.attempt();
            hands::send(call.request());
            say::SEND
        }
        _ => {
            let mut start = [0; SIGNATURE_LENGTH];
            let shown = given::all().count();
            for (byte, place) in start.iter_mut().zip(0..shown) {
                *byte = u8::try_from(given::whole(place)).unwrap_or(0);
            }
            let start = start.get(..shown as usize).unwrap_or(&start);
            match call.sniff(start) {
                Ok(content_type) => hands::result(content_type),
                Err(error) => hands::fault(&error),
            }
            say::RESULT
        }
    }
}
