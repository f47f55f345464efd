//! The one place that speaks to the platform: options in, requests out, answers handed to the core.
//!
//! No decision is made here. What is sent, accepted, retried, trusted or shown is the core's; this side only
//! waits, and its whole art is that waiting always ends.

#[cfg(feature = "client")]
mod attestations;
#[cfg(feature = "client")]
mod body;
#[cfg(feature = "client")]
mod call;
#[cfg(feature = "client")]
mod decision;
#[cfg(feature = "desk")]
mod desk;
#[cfg(feature = "client")]
mod event;
#[cfg(feature = "client")]
mod evidence;
#[cfg(feature = "client")]
mod failure;
#[cfg_attr(
    not(feature = "client"),
    allow(dead_code, reason = "the desk waits for nothing")
)]
mod js;
#[cfg(feature = "client")]
mod options;
#[cfg(feature = "client")]
mod pii;
#[cfg(feature = "client")]
mod screening;
#[cfg(feature = "client")]
mod token;
#[cfg(feature = "client")]
mod transport;

#[cfg(feature = "client")]
pub use attestations::{AttestationWalk, list_attestations, search_attestations};
#[cfg(feature = "client")]
pub use decision::submit_decision;
#[cfg(feature = "desk")]
pub use desk::{
    audit_canonical, audit_csv, audit_csv_header, audit_ndjson, desk_may, desk_settings, desk_step,
    known_fields,
};
#[cfg(feature = "client")]
pub use evidence::{fetch_evidence, stream_evidence};
#[cfg(feature = "client")]
pub use pii::retrieve_pii;
#[cfg(feature = "client")]
pub use screening::screen_pii;
#[cfg(feature = "client")]
pub use token::{exchange_token, get_token, invalidate_token};
