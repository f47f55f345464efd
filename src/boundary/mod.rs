//! The one place that the package's JavaScript speaks to: options in, requests out, answers handed to the core.
//!
//! No decision is made here, and nothing waits. What is sent, accepted, retried, trusted or shown is the core's; what
//! is done (fetch, timers, abort, streams) is done by the package's JavaScript (`pkg-template/call.js`), which asks
//! here what comes next. It began as futures of this side, on gloo-net and wasm-bindgen-futures: nine state machines
//! of the compiler's, 92 KB with their JavaScript, and 2.5 to 2.8 times the cost of a bare `fetch` in Node, most of it
//! for the closures that a promise takes (two each, and each known to a `FinalizationRegistry`).

#[cfg(feature = "client")]
mod attestations;
#[cfg(feature = "client")]
mod call;
#[cfg(feature = "client")]
mod decision;
#[cfg(feature = "desk")]
mod desk;
#[cfg(feature = "client")]
mod evidence;
#[cfg(feature = "client")]
mod hands;
// A module brings an allocator; a crate that others depend on leaves theirs alone.
#[cfg(any(feature = "client", feature = "desk"))]
mod heap;
#[cfg(any(feature = "desk", feature = "transport"))]
mod js;
#[cfg(feature = "client")]
mod pii;
#[cfg(feature = "client")]
mod region;
#[cfg(feature = "client")]
mod screening;
#[cfg(feature = "client")]
mod seen;
#[cfg(feature = "client")]
mod token;
#[cfg(feature = "client")]
mod walk;

#[cfg(feature = "client")]
pub use call::{begin, hear};
#[cfg(feature = "desk")]
pub use desk::{
    audit_canonical, audit_csv, audit_csv_header, audit_ndjson, desk_may, desk_settings, desk_step,
    known_fields,
};
