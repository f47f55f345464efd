//! Calls made from Rust, for whoever writes a Worker or a page in it: the feature `transport`, WebAssembly only.
//!
//! ```toml
//! passdesk = { git = "…", default-features = false, features = ["transport"] }
//! ```
//!
//! Without the default features: those are the package's own modules, and bring exports and an allocator along that are for nothing
//! else. With them, it does not compile.
//!
//! The operations are those of the npm package, by the same names, and keep the same promises (`pkg-template/passdesk.d.ts`):
//! the same core says what is sent, accepted, tried again and trusted. It sends through the global `fetch` and waits with the
//! global `setTimeout`, as there are in workerd, browsers, Node, Deno and Bun.
//!
//! ```ignore
#![doc = include_str!("../../tests/transport/review.rs")]
//! ```
//!
//! # Errors
//!
//! Every call fails with [`Error`], whose `code` is the contract, the npm package's. Beside what an operation names itself: `timeout`
//! and `network`; `unauthorized` (401), `forbidden` (403), `not_found` (404), `conflict` (409), `rate_limited` (429), `rejected`
//! (another 4xx), `upstream` (5xx) and `redirected` (3xx), by the status of the answer; `bad_response` where it is of the wrong
//! shape; `too_large` where it is more than 8 MiB. Options have the names that they have in JavaScript: `baseUrl` for `base_url`.
//! No message holds a token, a secret, a personal datum or an address.
//!
//! # How long a call lasts
//!
//! A call is its future. Whoever drops that ends it at once, whatever it was at: the request is aborted, the body cancelled, the
//! timer cleared. Nothing is sent before it is polled.
//!
//! # What it costs
//!
//! The package does not use this: its JavaScript drives the core (`src/boundary/`). Futures of Rust's for each operation, gloo-net
//! and two closures for each promise made 92 KB (gzip) of its module, with the JavaScript, three times what it is now, and a call in
//! Node took 2.5 to 2.8 times as long as a bare `fetch`. Whoever has a module of Rust's has paid for most of that already: one
//! operation adds 20 KB (gzip) to it, all that the example uses 32 KB, and a call in Node takes 35 µs more than a bare `fetch`. Of
//! gloo-net the headers and the answer are used, and the timers of gloo-timers; its `Request` and its ways to read a body have too
//! high a price, or neither a limit nor an end.

mod answer;
mod attestations;
mod body;
mod call;
mod clock;
mod decision;
mod evidence;
mod options;
mod pii;
mod platform;
mod task;
mod token;

pub use crate::error::{Code, Error};
pub use crate::screening::{Date, Finding, Policy, Severity};
pub use answer::Answer;
pub use attestations::{
    Attestation, AttestationPage, AttestationWalk, EachAttestationOptions, Meta, Op,
    SearchAttestationsOptions, Where, each_attestation, list_attestations, search_attestations,
};
pub use decision::{DecisionReceipt, Outcome, Verdict, submit_decision};
pub use evidence::{Evidence, EvidenceLink, FetchEvidenceOptions, fetch_evidence};
pub use options::{ApiOptions, CallOptions, RequestCredentials};
pub use pii::{Pii, retrieve_pii, screen_pii};
pub use token::{
    AccessToken, Encoding, ExchangeTokenOptions, LocalFuture, Token, TokenProvider, TokenSource,
    exchange_token,
};
