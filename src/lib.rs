//! Passdesk: partner review for Civic Pass, at the edge.
//!
//! The modules of this page are the pure core: what is sent, what is accepted back, when to try again, whom
//! to trust. They do no I/O, know no JavaScript type and hold no clock, and `cargo test` proves them natively.
//! `boundary` (wasm only) is the one place that speaks to JavaScript, and `transport` (wasm only, a feature) makes calls from Rust;
//! neither holds a decision of its own.
//!
//! The contract is `pkg-template/passdesk.d.ts`; the map is `ARCHITECTURE.md`.

// Tests count small things, and compare what was computed from the same numbers.
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_precision_loss,
        clippy::float_cmp
    )
)]

// A user's program would get the allocator of the package's module, which gives back what is a call's, and nothing else.
#[cfg(all(
    target_family = "wasm",
    feature = "transport",
    any(feature = "client", feature = "desk")
))]
compile_error!("`transport` is for a program of its own: take it with `default-features = false`");

pub mod attestation;
pub mod call;
pub mod decision;
pub mod desk;
pub mod error;
pub mod evidence;
pub mod json;
pub mod link;
pub mod pii;
pub mod request;
pub mod response;
pub mod retry;
pub mod screening;
pub mod slots;
pub mod text;
pub mod token;
pub mod walk;

#[cfg(target_family = "wasm")]
pub mod boundary;
#[cfg(all(target_family = "wasm", feature = "transport"))]
pub mod transport;
