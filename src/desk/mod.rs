//! The desk: what becomes of a case and of its decision, as a pure function.
//!
//! [`step`](machine::step) takes the state of a case, an event and the time, and gives the next state and what is
//! to be done about it. It does no I/O and holds no clock: the Worker stores the state, compare-and-swap on its
//! version, and only then performs the effects. So whatever dies between two steps, the state tells how to go on.
//!
//! What it promises, whatever is lost, repeated or late on the way: one decision per request, and upstream never
//! receives another verdict than that; before anything is sent, upstream's own status is read; an upstream verdict
//! that differs is left to a person; a decision on its way ends delivered, in conflict or as a dead letter that
//! can be seen. The model tests hold it to that.
//!
//! In no state, effect or audit row is there a place for free text: a name in it could be somebody's. Of a reviewer's
//! note the machine knows that there is one, and says when to keep it and when to delete it.

pub mod audit;
pub mod case;
pub mod event;
pub mod machine;
pub mod role;
pub mod settings;
pub mod value;
pub mod wire;

#[cfg(test)]
mod tests;
