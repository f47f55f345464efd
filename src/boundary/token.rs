//! `exchangeToken`, and what a provider wants to know of tokens.

use super::call::{Arguments, Made};
use crate::call::Judge;
use crate::error::Error;
use crate::link::Address;
use crate::token::{self, CIVIC_AUDIENCE, Client, Encoding};
use wasm_bindgen::prelude::*;

fn client(of: &Arguments) -> Result<Client, Error> {
    let token_url = Address::parse(&of.text(0))
        .ok_or_else(|| Error::option("tokenUrl", "an https address (http on loopback only)"))?;
    let named = |place, name| {
        of.optional(place)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Error::option(name, "a string that is not empty"))
    };
    let (client_id, client_secret) = (named(1, "clientId")?, named(2, "clientSecret")?);
    let encoding =
        Encoding::parse(&of.text(5)).ok_or_else(|| Error::option("encoding", "json or form"))?;
    Ok(Client {
        token_url,
        client_id,
        client_secret,
        audience: of.optional(3).unwrap_or_else(|| CIVIC_AUDIENCE.to_owned()),
        scope: of.text(4),
        encoding,
    })
}

/// `exchangeToken`: address, id, secret, audience, scope, encoding. The name under which a store keeps the token is handed over.
///
/// # Errors
/// `invalid_argument`
pub fn exchange_token(of: &Arguments) -> Made {
    let client = client(of)?;
    super::hands::result(&client.store_key().into());
    Ok((token::exchange_token(&client), Judge::Token))
}

/// Whether a text can stand in an `authorization` header as a bearer token.
#[wasm_bindgen(js_name = isToken)]
pub fn is_token(text: &str) -> bool {
    token::is_token(text)
}

/// Whether a token may still be used.
#[wasm_bindgen(js_name = isFresh)]
pub fn is_fresh(expires_at: f64, leeway: f64) -> bool {
    token::is_fresh(expires_at, leeway, js_sys::Date::now())
}
