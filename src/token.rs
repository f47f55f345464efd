//! `exchangeToken` and the life of a token.
//!
//! "1. Retrieve an access token" of Civic's text; RFC 6749, section 4.4 (client credentials).

use crate::error::Error;
use crate::json::{Json, Kind, Misfit, expect, expect_strings, quote};
use crate::link::{Address, encode};
use crate::request::{FORM, JSON, Request};
use crate::text::parts;
use std::fmt;

/// The audience of Civic's text.
pub const CIVIC_AUDIENCE: &str = "https://api.civic.com/pass";

/// How the body of a token request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As in Civic's text.
    Json,
    /// As in RFC 6749.
    Form,
}

impl Encoding {
    /// Reads the option `encoding`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "form" => Some(Self::Form),
            _ => None,
        }
    }
}

/// Who asks for a token, and for what.
#[derive(Clone)]
pub struct Client {
    /// Where tokens are exchanged.
    pub token_url: Address,
    /// The client's name.
    pub client_id: String,
    /// The client's secret: goes into the body of the exchange, and nowhere else.
    pub client_secret: String,
    /// For whom the token is; not sent where empty (globaliD knows no audience).
    pub audience: String,
    /// What the token shall allow; not sent where empty.
    pub scope: String,
    /// How the body is written.
    pub encoding: Encoding,
}

impl Client {
    /// The name under which a store keeps this client's token: everything that tells two tokens apart, and no secret.
    pub fn store_key(&self) -> String {
        let mut key = String::from("passdesk");
        for part in [
            &self.token_url.href(),
            &self.client_id,
            &self.audience,
            &self.scope,
        ] {
            key.push(':');
            encode(part, &mut key);
        }
        key
    }
}

/// `POST` to the token address.
pub fn exchange_token(client: &Client) -> Request {
    let fields = [
        ("client_id", client.client_id.as_str()),
        ("client_secret", &client.client_secret),
        ("audience", &client.audience),
        ("scope", &client.scope),
        ("grant_type", "client_credentials"),
    ];
    let mut body = String::new();
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        match client.encoding {
            Encoding::Json => {
                body.push(if body.is_empty() { '{' } else { ',' });
                quote(name, &mut body);
                body.push(':');
                quote(value, &mut body);
            }
            Encoding::Form => {
                if !body.is_empty() {
                    body.push('&');
                }
                body.push_str(name);
                body.push('=');
                encode(value, &mut body);
            }
        }
    }
    let content_type = match client.encoding {
        Encoding::Json => {
            body.push('}');
            JSON
        }
        Encoding::Form => FORM,
    };
    Request::get(client.token_url.href(), false).with_body("POST", content_type, body)
}

/// A token that was accepted.
#[derive(Clone, PartialEq)]
pub struct AccessToken {
    /// What goes behind `Bearer`.
    pub access_token: String,
    /// As it came: "Bearer" or "bearer".
    pub token_type: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// Epoch milliseconds.
    pub expires_at: f64,
    /// How long before that it counts as expired, in milliseconds.
    pub leeway: f64,
}

/// Without the token: what is printed ends up in logs.
impl fmt::Debug for AccessToken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("AccessToken")
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Accepts the answer to an exchange (RFC 6749, section 5.1).
///
/// # Errors
/// The first misfit, by path.
pub fn accept<J: Json>(answer: &J, now_ms: f64) -> Result<AccessToken, Misfit> {
    let misfit = |path: &str, expected| Misfit {
        path: path.to_owned(),
        expected,
    };
    expect(answer, Kind::Object, "")?;
    let access_token = answer
        .get("access_token")
        .text()
        .filter(|token| is_token(token))
        .ok_or_else(|| misfit("access_token", "a string of visible ASCII characters"))?;
    // Section 7.1: a client must not use a token whose type it does not understand. Some servers leave it out.
    expect_strings(answer, "token_type", 0)?;
    let token_type = answer
        .get("token_type")
        .text()
        .unwrap_or_else(|| "Bearer".to_owned());
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(misfit("token_type", "Bearer"));
    }
    let seconds = answer
        .get("expires_in")
        .number()
        .filter(|seconds| *seconds > 0.0 && *seconds <= 1e10)
        .ok_or_else(|| misfit("expires_in", "a number of seconds above 0"))?;
    expect_strings(answer, "scope", 0)?;
    let scope = answer.get("scope").text().unwrap_or_default();
    let mut scopes = Vec::new();
    for scope in parts(&scope, b" \t\r\n").filter(|scope| !scope.is_empty()) {
        scopes.push(scope.to_owned());
    }
    Ok(AccessToken {
        access_token,
        token_type,
        scopes,
        expires_at: now_ms + seconds * 1000.0,
        leeway: leeway_ms(seconds * 1000.0),
    })
}

/// The smaller of 60 s and a tenth of the lifetime, in milliseconds.
pub fn leeway_ms(lifetime_ms: f64) -> f64 {
    (lifetime_ms / 10.0).min(60_000.0)
}

/// Whether a token may still be used.
pub fn is_fresh(expires_at: f64, leeway: f64, now_ms: f64) -> bool {
    now_ms < expires_at - leeway
}

/// Whether a text can stand in an `authorization` header as a bearer token.
pub fn is_token(text: &str) -> bool {
    (1..=16_384).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

/// Checks what the caller gave as a token.
///
/// # Errors
/// `invalid_argument`
pub fn check(token: &str) -> Result<(), Error> {
    if is_token(token) {
        return Ok(());
    }
    Err(Error::option(
        "token",
        "1 to 16384 visible ASCII characters",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn client(encoding: Encoding) -> Client {
        Client {
            token_url: Address::parse("https://auth.civic.com/oauth/token").unwrap(),
            client_id: "partner".into(),
            client_secret: "s&cret\"=".into(),
            audience: CIVIC_AUDIENCE.into(),
            scope: String::new(),
            encoding,
        }
    }

    #[test]
    fn the_json_body_is_the_texts_own() {
        let request = exchange_token(&client(Encoding::Json));
        assert_eq!(
            (request.method, request.url.as_str(), request.bearer),
            ("POST", "https://auth.civic.com/oauth/token", false)
        );
        let (content_type, body) = request.body.unwrap();
        assert_eq!(content_type, "application/json");
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            json!({"client_id": "partner", "client_secret": "s&cret\"=", "audience": CIVIC_AUDIENCE, "grant_type": "client_credentials"})
        );
    }

    #[test]
    fn the_form_body_reads_back() {
        let mut client = client(Encoding::Form);
        client.audience.clear();
        client.scope = "public openid".into();
        let (content_type, body) = exchange_token(&client).body.unwrap();
        assert_eq!(content_type, FORM);
        let fields: Vec<_> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let expected = [
            ("client_id", "partner"),
            ("client_secret", "s&cret\"="),
            ("scope", "public openid"),
            ("grant_type", "client_credentials"),
        ];
        assert_eq!(
            fields,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn the_store_key_tells_tokens_apart_and_holds_no_secret() {
        let key = client(Encoding::Json).store_key();
        assert!(!key.contains("s&cret"));
        for edit in [
            |c: &mut Client| c.client_id.push('x'),
            |c: &mut Client| c.audience.push('x'),
            |c: &mut Client| c.scope.push('x'),
        ] {
            let mut other = client(Encoding::Json);
            edit(&mut other);
            assert_ne!(other.store_key(), key);
        }
        // Nor does what slips from one into the next make the same key of two.
        let mut slipped = client(Encoding::Json);
        slipped.client_id.push('h');
        slipped.audience.remove(0);
        assert_ne!(slipped.store_key(), key);
    }

    #[test]
    fn the_texts_answer_is_accepted() {
        let answer = json!({"access_token": "ey...", "scope": "partner:admin get:pii put:piirequest", "expires_in": 86400, "token_type": "Bearer"});
        let token = accept(&Some(answer), 1000.0).unwrap();
        assert_eq!(token.expires_at, 86_401_000.0);
        assert_eq!(token.leeway, 60_000.0);
        assert_eq!(token.scopes, ["partner:admin", "get:pii", "put:piirequest"]);
        assert!(
            !format!("{token:?}").contains("ey..."),
            "a log is no place for it"
        );
        let globalid = json!({"access_token": "x", "expires_in": 28799, "scope": "public", "token_type": "bearer"});
        assert_eq!(accept(&Some(globalid), 0.0).unwrap().token_type, "bearer");
        let short = json!({"access_token": "x", "expires_in": 300});
        assert_eq!(accept(&Some(short), 0.0).unwrap().leeway, 30_000.0);
    }

    #[test]
    fn a_misfit_is_named_by_its_path() {
        let path = |name: &str, value: Value| {
            let mut answer = json!({"access_token": "ey", "scope": "a", "expires_in": 60, "token_type": "Bearer"});
            answer[name] = value;
            accept(&Some(answer), 0.0).unwrap_err().path
        };
        for bad in [
            json!(null),
            json!(""),
            json!("a b"),
            json!("a\nb"),
            json!(5),
        ] {
            assert_eq!(path("access_token", bad), "access_token");
        }
        for bad in [json!(null), json!(0), json!(-1), json!("60"), json!(1e300)] {
            assert_eq!(path("expires_in", bad), "expires_in");
        }
        for bad in ["a\u{7f}", "a\u{20}b", &"x".repeat(16_385)] {
            assert_eq!(path("access_token", json!(bad)), "access_token");
        }
        let longest =
            json!({"access_token": "x".repeat(16_384), "expires_in": 1e10, "token_type": "Bearer"});
        assert!(accept(&Some(longest), 0.0).is_ok());
        assert_eq!(path("token_type", json!("DPoP")), "token_type");
        assert_eq!(path("scope", json!(["a"])), "scope");
        assert_eq!(accept(&Some(json!([])), 0.0).unwrap_err().path, "");
    }

    #[test]
    fn what_the_caller_gives_as_a_token_has_to_be_one() {
        assert_eq!(check("~!ey"), Ok(()));
        for bad in ["", "a b", "a\r\nx-evil: 1", "é", "a\u{7f}"] {
            let error = check(bad).unwrap_err();
            assert_eq!(error.code, crate::error::Code::InvalidArgument);
            assert!(error.message.starts_with("`token` must be"), "{bad}");
        }
    }

    #[test]
    fn the_leeway_is_a_tenth_and_at_most_a_minute() {
        for (lifetime, leeway) in [(1_000.0, 100.0), (600_000.0, 60_000.0), (864e5, 60_000.0)] {
            assert_eq!(leeway_ms(lifetime), leeway);
            assert!(
                !is_fresh(lifetime, leeway, lifetime - leeway),
                "to the moment"
            );
            assert!(is_fresh(lifetime, leeway, lifetime - leeway - 1.0));
        }
    }

    proptest! {
        #[test]
        fn a_token_is_fresh_until_its_leeway(seconds in 1_u32..100_000, passed in 0.0..1.2_f64) {
            let lifetime = f64::from(seconds) * 1000.0;
            let leeway = leeway_ms(lifetime);
            prop_assert!(leeway <= 60_000.0 && leeway <= lifetime / 10.0);
            let now = lifetime * passed;
            prop_assert_eq!(is_fresh(lifetime, leeway, now), lifetime - now > leeway);
        }

        #[test]
        fn a_token_fits_into_a_header(text: String) {
            prop_assert_eq!(is_token(&text), !text.is_empty() && text.chars().all(|c| ('!'..='~').contains(&c)));
        }
    }
}
