//! What calls have in common: where they go, with which token, and how long they may take.

use super::token::Token;
use crate::error::Error;
use crate::link::Address;
pub use web_sys::RequestCredentials;

/// The longest time-out: `setTimeout` takes 31 bits.
const LONGEST_MS: u32 = 0x7fff_ffff;
const MOST_RETRIES: u32 = 1000;

/// How a call is made.
#[derive(Clone, Copy, Debug)]
pub struct CallOptions {
    /// How long one attempt may take, the answer's body included, in milliseconds: 1 to 2³¹ - 1; 30,000.
    pub timeout_ms: u32,
    /// How often a failed attempt is made again, where that is worth it: 0 to 1,000; 2.
    pub max_retries: u32,
    /// Whether cookies go along. Only set where needed: workerd refuses the field.
    pub credentials: Option<RequestCredentials>,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            timeout_ms: 30_000,
            max_retries: 2,
            credentials: None,
        }
    }
}

impl CallOptions {
    pub(super) fn check(&self) -> Result<(), Error> {
        if !(1..=LONGEST_MS).contains(&self.timeout_ms) {
            let expected = "a whole number from 1 to 2147483647";
            return Err(Error::option("timeoutMs", expected));
        }
        if self.max_retries > MOST_RETRIES {
            let expected = "a whole number from 0 to 1000";
            return Err(Error::option("maxRetries", expected));
        }
        Ok(())
    }
}

/// Which service is spoken to, and as whom.
#[derive(Clone, Default)]
pub struct ApiOptions {
    /// The root of the API, `https` (`http` on loopback only): by default Civic's Partner API, or globaliD's, as the operation
    /// needs. A review desk's own address speaks both.
    pub base_url: Option<String>,
    /// Who calls. It is sent to the origin of `base_url`, and nowhere else.
    pub token: Option<Token>,
    /// How the call is made.
    pub call: CallOptions,
}

impl ApiOptions {
    pub(super) fn base(&self, default: &str) -> Result<Address, Error> {
        Address::base(self.base_url.as_deref().unwrap_or(default), "baseUrl")
    }
}
