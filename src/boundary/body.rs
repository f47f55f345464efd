//! Bodies, read piece by piece under a limit. Pieces stay on the JavaScript side; only counts come here, and
//! of evidence the first few bytes.

use super::call::Call;
use super::failure::Failure;
use super::js::{look, method, parse_text, promise, set};
use super::transport::Answer;
use crate::error::{Code, Error};
use crate::evidence::too_large;
use crate::response::{LARGEST_ERROR, LARGEST_JSON};
use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type TextDecoder;
    #[wasm_bindgen(constructor)]
    fn new(label: &str, options: &JsValue) -> TextDecoder;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &JsValue) -> Result<JsValue, JsValue>;
}

/// A body's reader. Dropped before the end, it tells the body so.
pub struct Reader {
    raw: JsValue,
    read: Function,
    ended: bool,
}

impl Reader {
    /// Takes hold of an answer's body; `None` where it has none.
    pub fn of(answer: &Answer) -> Result<Option<Self>, Failure> {
        let raw = look(&answer.response, "body");
        if raw.is_null() || raw.is_undefined() {
            return Ok(None);
        }
        let reader = method(&raw, "getReader")
            .ok_or_else(|| unreadable(&JsValue::UNDEFINED))?
            .call0(&raw)
            .map_err(|thrown| unreadable(&thrown))?;
        let read = method(&reader, "read").ok_or_else(|| unreadable(&JsValue::UNDEFINED))?;
        Ok(Some(Self {
            raw: reader,
            read,
            ended: false,
        }))
    }

    /// The next piece that is not empty; `None` at the end.
    pub async fn next(&mut self, call: &Call) -> Result<Option<Uint8Array>, Failure> {
        // Pieces without a byte come at once and never end: no clock would get its turn.
        for _ in 0..1000 {
            match self.read(call).await? {
                Some(piece) if piece.length() == 0 => {}
                piece => return Ok(piece),
            }
        }
        Err(Error::new(
            Code::BadResponse,
            "the body brings no bytes and does not end",
        )
        .into())
    }

    async fn read(&mut self, call: &Call) -> Result<Option<Uint8Array>, Failure> {
        let read = self.read.call0(&self.raw).and_then(|read| promise(&read));
        let result = match read {
            Ok(read) => call.wait(JsFuture::from(read)).await?,
            Err(thrown) => Err(thrown),
        };
        let result = result.map_err(|thrown| {
            self.ended = true;
            unreadable(&thrown)
        })?;
        if look(&result, "done").is_truthy() {
            self.ended = true;
            return Ok(None);
        }
        look(&result, "value")
            .dyn_into::<Uint8Array>()
            .map(Some)
            .map_err(|_| Error::new(Code::BadResponse, "the body is no stream of bytes").into())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if let Some(cancel) = method(&self.raw, "cancel")
            && let Ok(cancelled) = cancel.call0(&self.raw)
            && let Ok(cancelled) = promise(&cancelled)
        {
            // Listens, so that a body which cannot be cancelled is no unhandled rejection.
            drop(JsFuture::from(cancelled));
        }
    }
}

fn unreadable(thrown: &JsValue) -> Failure {
    Failure::because(
        Code::Network,
        "the body broke off before its end",
        true,
        thrown,
    )
}

/// Reads a body to its end, within a limit.
async fn bytes(answer: &Answer, limit: f64) -> Result<JsValue, Failure> {
    let pieces = Array::new();
    let mut total = 0.0;
    if let Some(mut reader) = Reader::of(answer)? {
        while let Some(piece) = reader.next(&answer.attempt.call).await? {
            total += f64::from(piece.length());
            if total > limit {
                return Err(too_large().with_status(answer.status).into());
            }
            pieces.push(&piece);
        }
    }
    answer.attempt.finish();
    if pieces.length() == 1 {
        return Ok(pieces.get(0));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the limit, a few MiB"
    )]
    let whole = Uint8Array::new_with_length(total as u32);
    let mut offset = 0;
    for piece in pieces.iter() {
        let piece: Uint8Array = piece.unchecked_into();
        whole.set(&piece, offset);
        offset += piece.length();
    }
    Ok(whole.into())
}

/// The engine's own parser, and the very object that it makes. Bytes that are no UTF-8 are no JSON (RFC 8259,
/// section 8.1), rather than text with holes: a name with a hole is another name.
fn parse(bytes: &JsValue) -> Option<JsValue> {
    let options = JsValue::from(js_sys::Object::new());
    set(&options, "fatal", &JsValue::TRUE);
    let text = TextDecoder::new("utf-8", &options).decode(bytes).ok()?;
    parse_text(&text)
}

/// Reads a body as JSON.
pub async fn json(answer: &Answer) -> Result<JsValue, Failure> {
    parse(&bytes(answer, LARGEST_JSON).await?).ok_or_else(|| {
        Error::new(Code::BadResponse, "the answer is not JSON")
            .with_status(answer.status)
            .into()
    })
}

/// Reads the body of a refusal, if it is JSON.
pub async fn error(answer: &Answer) -> Result<Option<JsValue>, Failure> {
    bytes(answer, LARGEST_ERROR)
        .await
        .map(|bytes| parse(&bytes))
}
