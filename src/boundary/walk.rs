//! The walk of `eachAttestation`: which page comes next.

use super::call::Held;
use crate::walk::{Next, Walk};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    static WALKS: RefCell<Held<Walk>> = const { RefCell::new(Held::new()) };
}

/// Asks a walk. Not generic: each copy would bring the look-up along.
#[inline(never)]
fn with(number: u32, ask: &mut dyn FnMut(&mut Walk) -> f64) -> f64 {
    WALKS.with_borrow_mut(|walks| walks.get(number).map_or(0.0, ask))
}

/// `eachAttestation`: the walk's number.
#[wasm_bindgen(js_name = eachAttestation)]
pub fn each_attestation(per_page: u32, concurrency: u32) -> u32 {
    WALKS.with_borrow_mut(|walks| walks.keep(Walk::new(per_page, concurrency)))
}

/// The next page to ask for, and the number of its reading above it (2³² times), or 0.
#[wasm_bindgen(js_name = walkAsk)]
pub fn walk_ask(number: u32, wanted: u32) -> f64 {
    with(number, &mut |walk| {
        walk.ask(wanted).map_or(0.0, |(read, page)| {
            f64::from(read) * 4_294_967_296.0 + f64::from(page)
        })
    })
}

/// A page came.
#[wasm_bindgen(js_name = walkArrived)]
pub fn walk_arrived(number: u32, read: u32, records: u32, total: f64, per_page: f64) {
    with(number, &mut |walk| {
        walk.arrived(read, records, total, per_page);
        0.0
    });
}

/// What comes next: the number of a reading to deliver, 0 at the end, -1 to ask on, -2 to wait.
#[wasm_bindgen(js_name = walkStep)]
pub fn walk_step(number: u32) -> f64 {
    with(number, &mut |walk| match walk.step() {
        Next::Deliver(read) => read.into(),
        Next::End => 0.0,
        Next::Ask => -1.0,
        Next::Wait => -2.0,
    })
}

/// The reading that is to be delivered next, or 0.
#[wasm_bindgen(js_name = walkAwaited)]
pub fn walk_awaited(number: u32) -> f64 {
    with(number, &mut |walk| walk.awaited().unwrap_or(0).into())
}

/// The walk is over.
#[wasm_bindgen(js_name = walkEnd)]
pub fn walk_end(number: u32) {
    WALKS.with_borrow_mut(|walks| walks.drop(number));
}
