//! `exchangeToken`, and what a provider wants to know of tokens.

use super::call::begin;
use crate::call::Judge;
use crate::error::Error;
use crate::link::Address;
use crate::token::{self, CIVIC_AUDIENCE, Client, Encoding};
use wasm_bindgen::prelude::*;

fn client(
    token_url: &str,
    client_id: String,
    client_secret: String,
    audience: Option<String>,
    scope: String,
    encoding: &str,
) -> Result<Client, Error> {
    let token_url = Address::parse(token_url)
        .ok_or_else(|| Error::option("tokenUrl", "an https address (http on loopback only)"))?;
    for (name, value) in [("clientId", &client_id), ("clientSecret", &client_secret)] {
        if value.is_empty() {
            return Err(Error::option(name, "a string that is not empty"));
        }
    }
    let encoding =
        Encoding::parse(encoding).ok_or_else(|| Error::option("encoding", "json or form"))?;
    Ok(Client {
        token_url,
        client_id,
        client_secret,
        audience: audience.unwrap_or_else(|| CIVIC_AUDIENCE.to_owned()),
        scope,
        encoding,
    })
}

/// `exchangeToken`: the call's number, or 0. The name under which a store keeps the token is handed over.
#[wasm_bindgen(js_name = exchangeToken)]
pub fn exchange_token(
    most_retries: u32,
    token_url: &str,
    client_id: String,
    client_secret: String,
    audience: Option<String>,
    scope: String,
    encoding: &str,
) -> u32 {
    let secret = client_secret.clone();
    let made = client(
        token_url,
        client_id,
        client_secret,
        audience,
        scope,
        encoding,
    )
    .map(|client| {
        super::hands::result(&client.store_key().into());
        (token::exchange_token(&client), Judge::Token)
    });
    begin(most_retries, &secret, made)
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
