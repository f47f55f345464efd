//! Bodies, read piece by piece under a limit.

use crate::error::{Code, Error};
use crate::evidence::too_large;
use gloo_net::http::Response;
use js_sys::{JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

/// How many pieces without a byte are taken in a row: they come at once, and no clock would get its turn.
const MOST_EMPTY: u32 = 1000;

/// The body of an answer. Whoever drops it before its end tells so to where it comes from.
pub struct Body {
    reader: Option<ReadableStreamDefaultReader>,
    room: u32,
}

impl Body {
    /// Takes hold of a body, of which so many bytes may come.
    ///
    /// # Errors
    /// `network`
    pub fn of(response: &Response, limit: u32) -> Result<Self, Error> {
        let reader = match response.body() {
            None => None,
            Some(stream) => {
                Some(ReadableStreamDefaultReader::new(&stream).map_err(|_| unreadable())?)
            }
        };
        Ok(Self {
            reader,
            room: limit,
        })
    }

    /// Puts the next piece that is not empty behind what came before; `false` at the end.
    ///
    /// # Errors
    /// `network`, `bad_response`, `too_large`
    pub async fn next(&mut self, bytes: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(reader) = &self.reader else {
            return Ok(false);
        };
        for _ in 0..MOST_EMPTY {
            let read = JsFuture::from(reader.read()).await;
            let Ok(read) = read else {
                self.reader = None;
                return Err(unreadable());
            };
            let field = |name| Reflect::get(&read, &JsValue::from_str(name)).unwrap_or_default();
            if field("done").is_truthy() {
                self.reader = None;
                return Ok(false);
            }
            let Ok(piece) = field("value").dyn_into::<Uint8Array>() else {
                return Err(odd("the body is no stream of bytes"));
            };
            let length = piece.length();
            // Before it is copied: one piece may be of any size.
            self.room = self.room.checked_sub(length).ok_or_else(too_large)?;
            if length > 0 {
                let end = bytes.len();
                bytes.resize(end + length as usize, 0);
                if let Some(behind) = bytes.get_mut(end..) {
                    piece.copy_to(behind);
                }
                return Ok(true);
            }
        }
        Err(odd("the body does not end"))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            // Listened to, so that a body which cannot be cancelled is no unhandled rejection.
            drop(JsFuture::from(reader.cancel()));
        }
    }
}

/// Reads a body to its end.
///
/// # Errors
/// `network`, `bad_response`, `too_large`
pub async fn read(response: &Response, limit: u32) -> Result<Vec<u8>, Error> {
    let mut body = Body::of(response, limit)?;
    let mut bytes = Vec::new();
    while body.next(&mut bytes).await? {}
    Ok(bytes)
}

/// What the bytes are as JSON, if they are any: the engine's own value, with every field that nobody knows. Bytes that are no
/// UTF-8 are no JSON (RFC 8259, section 8.1).
pub fn parse(bytes: &[u8]) -> Option<JsValue> {
    let text = std::str::from_utf8(bytes).ok()?;
    JSON::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()
}

fn odd(message: &str) -> Error {
    Error::new(Code::BadResponse, message)
}

fn unreadable() -> Error {
    Error::new(Code::Network, "the body broke off before its end").retryable()
}
