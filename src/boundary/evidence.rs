//! `fetchEvidence` and `streamEvidence`: bytes that stay on the JavaScript side.

use super::body::Reader;
use super::call::Call;
use super::failure::Failure;
use super::js::{look, method, set};
use super::options::Options;
use super::pii::CIVIC;
use super::token::Bearer;
use super::transport::{Answer, send};
use crate::error::{Code, Error, digits};
use crate::evidence::{
    self, DEFAULT_MAX_BYTES, Place, SIGNATURE_LENGTH, check_type, media_range, place_at, place_in,
    too_large,
};
use crate::link::origin;
use crate::request::Request;
use gloo_net::http::ResponseBuilder;
use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Blob, BlobPropertyBag, QueuingStrategy, ReadableStream};

/// What a call for evidence asks for.
struct Wanted {
    place: Place,
    request: Request,
    accept: Vec<String>,
    max_bytes: f64,
    on_progress: Option<Function>,
    /// Makes the package's own error of what a stream fails with, where nobody is left to catch ours.
    fail: Option<Function>,
}

impl Wanted {
    fn of(options: &Options) -> Result<Self, Failure> {
        let base = options.base(CIVIC)?;
        let allowed = options.strings("allowOrigins", origin)?;
        let accept = options.strings("accept", media_range)?;
        let max_bytes = options.whole("maxBytes", 1, u32::MAX, DEFAULT_MAX_BYTES)?;
        let by_rel = !options.get("pii").is_undefined() || !options.get("rel").is_undefined();
        let place = if by_rel {
            for name in ["href", "requestId"] {
                if !options.get(name).is_undefined() {
                    return Err(
                        Error::option(name, "left out where `pii` and `rel` are given").into(),
                    );
                }
            }
            let record = options.object("pii")?;
            place_in(&record, &options.required("rel")?, &base, &allowed)?
        } else {
            place_at(
                &options.required("href")?,
                &options.required("requestId")?,
                &base,
                &allowed,
            )?
        };
        Ok(Self {
            request: evidence::fetch_evidence(&place.link, &accept),
            place,
            accept,
            max_bytes: f64::from(max_bytes),
            on_progress: options.function("onProgress")?,
            fail: options.function("fail")?,
        })
    }
}

/// Evidence whose type is proven: the pieces read so far, and the reader of the rest.
struct Opened {
    answer: Answer,
    reader: Option<Reader>,
    pieces: Array,
    meter: Meter,
    content_type: &'static str,
    wanted: Rc<Wanted>,
}

/// Counts bytes, and tells.
struct Meter {
    loaded: f64,
    /// What the answer declared: good for a progress bar, and never for a limit.
    total: Option<f64>,
    wanted: Rc<Wanted>,
}

impl Meter {
    fn count(&mut self, piece: &Uint8Array) -> Result<(), Failure> {
        self.loaded += f64::from(piece.length());
        if self.loaded > self.wanted.max_bytes {
            return Err(too_large().into());
        }
        if let Some(on_progress) = &self.wanted.on_progress {
            let progress = JsValue::from(js_sys::Object::new());
            set(&progress, "loaded", &self.loaded.into());
            if let Some(total) = self.total {
                set(&progress, "total", &total.into());
            }
            // An observer that throws does not break what it observes.
            let _ = on_progress.call1(&JsValue::UNDEFINED, &progress);
        }
        Ok(())
    }
}

/// Asks for the evidence and reads until its type is proven.
async fn open(call: &Rc<Call>, wanted: Rc<Wanted>, bearer: &Bearer) -> Result<Opened, Failure> {
    let answer = send(call, &wanted.request, bearer).await?;
    let coded = answer
        .header("content-encoding")
        .is_some_and(|coding| coding != "identity");
    let declared = answer
        .header("content-length")
        .and_then(|length| length.parse::<u32>().ok());
    let mut meter = Meter {
        loaded: 0.0,
        total: declared.filter(|_| !coded).map(f64::from),
        wanted: wanted.clone(),
    };
    let mut reader = Reader::of(&answer)?;
    let pieces = Array::new();
    let mut start = Vec::with_capacity(SIGNATURE_LENGTH);
    while start.len() < SIGNATURE_LENGTH {
        let piece = match &mut reader {
            Some(reader) => reader.next(call).await?,
            None => None,
        };
        let Some(piece) = piece else {
            break;
        };
        meter.count(&piece)?;
        let missing = u32::try_from(SIGNATURE_LENGTH - start.len()).unwrap_or(0);
        start.extend(piece.subarray(0, missing).to_vec());
        pieces.push(&piece);
    }
    let content_type =
        check_type(&start, &wanted.accept).map_err(|error| error.with_status(answer.status))?;
    // The caller may have stopped the call in its `onProgress`.
    call.wait(async {}).await?;
    Ok(Opened {
        answer,
        reader,
        pieces,
        meter,
        content_type,
        wanted,
    })
}

type Begin = (Rc<Wanted>, Rc<Bearer>, Rc<Call>);

fn begin(operation: &'static str, options: JsValue) -> Result<Begin, JsValue> {
    let options = Options(options);
    let prepare = || {
        let wanted = Rc::new(Wanted::of(&options)?);
        let bearer = Bearer::of(&options, false)?;
        Ok((wanted, bearer, Call::new(operation, &options)?))
    };
    prepare().map_err(|failure: Failure| failure.into_js(operation, 0))
}

/// `fetchEvidence(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = fetchEvidence)]
pub async fn fetch_evidence(options: JsValue) -> Result<JsValue, JsValue> {
    let (wanted, bearer, call) = begin("fetchEvidence", options)?;
    let (of, with) = (call.clone(), bearer.clone());
    call.run(&bearer, &move || {
        let (call, wanted, bearer) = (of.clone(), wanted.clone(), with.clone());
        Box::pin(async move {
            let mut opened = open(&call, wanted, &bearer).await?;
            if let Some(mut reader) = opened.reader.take() {
                while let Some(piece) = reader.next(&call).await? {
                    opened.meter.count(&piece)?;
                    opened.pieces.push(&piece);
                }
            }
            opened.answer.attempt.finish();
            let kind = BlobPropertyBag::new();
            kind.set_type(opened.content_type);
            let blob = Blob::new_with_u8_array_sequence_and_options(&opened.pieces, &kind)
                .map_err(|thrown| {
                    Failure::because(
                        Code::LoadFailed,
                        "this runtime makes no Blob",
                        false,
                        &thrown,
                    )
                })?;
            let evidence = JsValue::from(js_sys::Object::new());
            set(
                &evidence,
                "rel",
                &JsValue::from_str(&opened.wanted.place.rel),
            );
            set(&evidence, "blob", &blob);
            set(&evidence, "contentType", &opened.content_type.into());
            let declared = opened.answer.header("content-type").unwrap_or_default();
            set(&evidence, "declaredType", &declared.into());
            set(&evidence, "size", &opened.meter.loaded.into());
            Ok(evidence)
        })
    })
    .await
}

/// `streamEvidence(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = streamEvidence)]
pub async fn stream_evidence(options: JsValue) -> Result<JsValue, JsValue> {
    let (wanted, bearer, call) = begin("streamEvidence", options)?;
    let (of, with) = (call.clone(), bearer.clone());
    call.run(&bearer, &move || {
        let (call, wanted, bearer) = (of.clone(), wanted.clone(), with.clone());
        Box::pin(async move {
            let opened = open(&call, wanted, &bearer).await?;
            respond(opened).map_err(|thrown| {
                Failure::because(
                    Code::LoadFailed,
                    "this runtime makes no stream",
                    false,
                    &thrown,
                )
            })
        })
    })
    .await
}

/// A response whose body is pulled through, piece by piece, under the same clock, limit and signal.
fn respond(opened: Opened) -> Result<JsValue, JsValue> {
    let mut response = ResponseBuilder::new().header("content-type", opened.content_type);
    if let Some(total) = opened.meter.total {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was a u32"
        )]
        let length = digits(total as u32);
        response = response.header("content-length", &length);
    }
    let total = opened.meter.total;
    let stop = opened.answer.attempt.call.stop.clone();
    let stream = Rc::new(RefCell::new(Some(opened)));
    let source = JsValue::from(js_sys::Object::new());
    let (started, idle) = (stream.clone(), stop.clone());
    let start = Closure::<dyn FnMut(JsValue)>::new(move |controller: JsValue| {
        let stream = started.clone();
        // Stopped while nobody reads: whoever reads next learns why, and upstream is let go at once.
        *idle.idle.borrow_mut() = Some(Box::new(move || {
            if let Some(opened) = stream.take()
                && let Some(failure) = opened.answer.attempt.call.stop.failure()
            {
                fail(&opened, &controller, failure);
            }
        }));
    });
    let pulled = stream.clone();
    let pull = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |controller: JsValue| {
        let stream = pulled.clone();
        future_to_promise(async move {
            pull(&stream, &controller).await;
            Ok(JsValue::UNDEFINED)
        })
        .into()
    });
    let cancel = Closure::<dyn FnMut()>::new(move || {
        // A pull that waits holds the stream: it is stopped, and drops it.
        let opened = stream.take();
        stop.idle.take();
        stop.abort(JsValue::UNDEFINED);
        drop(opened);
    });
    set(&source, "start", &start.into_js_value());
    set(&source, "pull", &pull.into_js_value());
    set(&source, "cancel", &cancel.into_js_value());
    // Nothing is read ahead of the consumer.
    let strategy = JsValue::from(js_sys::Object::new());
    set(&strategy, "highWaterMark", &0.into());
    let body = ReadableStream::new_with_underlying_source_and_strategy(
        source.unchecked_ref(),
        strategy.unchecked_ref::<QueuingStrategy>(),
    )?;
    let body = fixed(&body, total).unwrap_or(body);
    let response = response.body(Some(&body));
    response
        .map(|response| web_sys::Response::from(response).into())
        .map_err(|_| JsValue::UNDEFINED)
}

/// workerd ends the answer as if it were whole where a stream made of JavaScript fails, unless its length is fixed.
/// <https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#fixedlengthstream>
fn fixed(body: &ReadableStream, total: Option<f64>) -> Option<ReadableStream> {
    let constructor: Function = look(&js_sys::global(), "FixedLengthStream")
        .dyn_into()
        .ok()?;
    let through = js_sys::Reflect::construct(&constructor, &Array::of1(&total?.into())).ok()?;
    let pipe = method(body, "pipeThrough")?;
    pipe.call1(body, &through).ok()?.dyn_into().ok()
}

/// Ends a stream with the package's own error.
fn fail(opened: &Opened, controller: &JsValue, failure: Failure) {
    let call = &opened.answer.attempt.call;
    let told = failure
        .with_status(Some(opened.answer.status))
        .into_js(call.operation, call.attempts.get());
    let wrapped = opened
        .wanted
        .fail
        .as_ref()
        .and_then(|fail| fail.call1(&JsValue::UNDEFINED, &told).ok());
    if let Some(error) = method(controller, "error") {
        let _ = error.call1(controller, &wrapped.unwrap_or(told));
    }
}

async fn pull(stream: &RefCell<Option<Opened>>, controller: &JsValue) {
    let Some(mut opened) = stream.take() else {
        return;
    };
    let step = |name: &str, value: Option<&JsValue>| {
        if let Some(function) = method(controller, name) {
            let _ = match value {
                Some(value) => function.call1(controller, value),
                None => function.call0(controller),
            };
        }
    };
    if opened.pieces.length() > 0 {
        step("enqueue", Some(&opened.pieces.shift()));
        stream.replace(Some(opened));
        return;
    }
    let call = opened.answer.attempt.call.clone();
    let next = match &mut opened.reader {
        Some(reader) => reader.next(&call).await,
        None => Ok(None),
    };
    let next = next.and_then(|piece| {
        let Some(piece) = piece else {
            return Ok(None);
        };
        opened.meter.count(&piece)?;
        // Stopped in `onProgress`, while nobody else had hold of the stream.
        call.stop.failure().map_or(Ok(Some(piece)), Err)
    });
    match next {
        Ok(Some(piece)) => {
            step("enqueue", Some(&piece));
            stream.replace(Some(opened));
        }
        Ok(None) => {
            call.stop.idle.take();
            opened.answer.attempt.finish();
            step("close", None);
        }
        Err(failure) => {
            call.stop.idle.take();
            fail(&opened, controller, failure);
        }
    }
}
