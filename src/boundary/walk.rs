//! The walk of `eachAttestation`: which page comes next.

use super::seen::given;
use crate::walk::{Next, Walk};

/// Asks a walk, which answers in one number:
///
/// - 7, the records still wanted: the next page to ask for, and the number of its reading above it (2³² times), or 0;
/// - 8, a reading, its records, the total and the size of a page that it told: 0;
/// - 9: the number of a reading to deliver, 0 at the end, -1 to ask on, -2 to wait;
/// - 10: the reading that is to be delivered next, or 0.
pub fn walk_on(walk: &mut Walk, what: u32) -> f64 {
    match what {
        7 => walk.ask(given::whole(0)).map_or(0.0, |(read, page)| {
            f64::from(read) * 4_294_967_296.0 + f64::from(page)
        }),
        8 => {
            let (read, records) = (given::whole(0), given::whole(1));
            walk.arrived(read, records, given::number(2), given::number(3));
            0.0
        }
        9 => match walk.step() {
            Next::Deliver(read) => read.into(),
            Next::End => 0.0,
            Next::Ask => -1.0,
            Next::Wait => -2.0,
        },
        _ => walk.awaited().unwrap_or(0).into(),
    }
}
