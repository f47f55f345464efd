//! The one place that speaks to the platform: options in, requests out, answers handed to the core.
//!
//! No decision is made here. What is sent, accepted, retried, trusted or shown is the core's; this side only
//! waits, and its whole art is that waiting always ends.

mod attestations;
mod body;
mod call;
mod decision;
mod event;
mod evidence;
mod failure;
mod js;
mod options;
mod pii;
mod screening;
mod token;
mod transport;

pub use attestations::{AttestationWalk, list_attestations, search_attestations};
pub use decision::submit_decision;
pub use evidence::{fetch_evidence, stream_evidence};
pub use pii::retrieve_pii;
pub use screening::screen_pii;
pub use token::{exchange_token, get_token, invalidate_token};
