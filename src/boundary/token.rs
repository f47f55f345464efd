//! `exchangeToken`, and the name under which its token is kept.

use super::call::Made;
use super::hands;
use super::seen::given;
use crate::call::Judge;
use crate::error::Error;
use crate::link::Address;
use crate::token::{self, CIVIC_AUDIENCE, Client, Encoding};

fn client() -> Result<Client, Error> {
    let token_url = Address::parse(&given::text(0))
        .ok_or_else(|| Error::option("tokenUrl", "an https address (http on loopback only)"))?;
    let named = |place, name| {
        given::optional(place)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Error::option(name, "a string that is not empty"))
    };
    let (client_id, client_secret) = (named(1, "clientId")?, named(2, "clientSecret")?);
    let encoding = Encoding::parse(&given::text(5))
        .ok_or_else(|| Error::option("encoding", "json or form"))?;
    Ok(Client {
        token_url,
        client_id,
        client_secret,
        audience: given::optional(3).unwrap_or_else(|| CIVIC_AUDIENCE.to_owned()),
        scope: given::text(4),
        encoding,
    })
}

/// `exchangeToken`: address, id, secret, audience, scope, encoding. The name under which a store keeps the token is handed over.
///
/// # Errors
/// `invalid_argument`
#[inline(never)]
pub fn exchange_token() -> Made {
    let client = client()?;
    hands::result(&client.store_key());
    Ok((token::exchange_token(&client), Judge::Token))
}
