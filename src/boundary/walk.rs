//! The walk of `eachAttestation`: which page comes next.

use super::call::Held;
use crate::walk::{Next, Walk};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    static WALKS: RefCell<Held<Walk>> = const { RefCell::new(Held::new()) };
}

/// `eachAttestation`: the walk's number.
#[wasm_bindgen(js_name = eachAttestation)]
pub fn each_attestation(per_page: u32, concurrency: u32) -> u32 {
    WALKS.with_borrow_mut(|walks| walks.keep(Walk::new(per_page, concurrency)))
}

/// Asks a walk, which answers in one number:
///
/// - 0, the records still wanted: the next page to ask for, and the number of its reading above it (2³² times), or 0;
/// - 1, a reading, its records, the total and the size of a page that it told: 0;
/// - 2: the number of a reading to deliver, 0 at the end, -1 to ask on, -2 to wait;
/// - 3: the reading that is to be delivered next, or 0;
/// - 4: 0, and the walk is over.
#[wasm_bindgen(js_name = walkOn)]
pub fn walk_on(number: u32, what: u32, a: u32, records: u32, total: f64, per_page: f64) -> f64 {
    WALKS.with_borrow_mut(|walks| {
        let Some(walk) = walks.get(number) else {
            return 0.0;
        };
        match what {
            0 => walk.ask(a).map_or(0.0, |(read, page)| {
                f64::from(read) * 4_294_967_296.0 + f64::from(page)
            }),
            1 => {
                walk.arrived(a, records, total, per_page);
                0.0
            }
            2 => match walk.step() {
                Next::Deliver(read) => read.into(),
                Next::End => 0.0,
                Next::Ask => -1.0,
                Next::Wait => -2.0,
            },
            3 => walk.awaited().unwrap_or(0).into(),
            _ => {
                walks.drop(number);
                0.0
            }
        }
    })
}
