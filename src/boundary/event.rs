//! `onEvent`: what happened, in names and numbers. No URL, no token, no field ever gets here.

use super::js::set;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// One event.
#[derive(Default)]
pub struct Event {
    /// `attempt`, `retry`, `success` or `failure`.
    pub kind: &'static str,
    /// Which try, from 1.
    pub attempt: u32,
    /// Since the call began (for `attempt`), or what the try or the call took.
    pub ms: f64,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// Why it failed.
    pub code: Option<String>,
    /// How long until the next try.
    pub delay_ms: Option<f64>,
}

/// Tells the observer. One that throws does not break the call that it observes.
pub fn tell(observer: Option<&Function>, operation: &'static str, event: &Event) {
    let Some(observer) = observer else {
        return;
    };
    let told = JsValue::from(js_sys::Object::new());
    set(&told, "type", &event.kind.into());
    set(&told, "operation", &operation.into());
    set(&told, "attempt", &event.attempt.into());
    set(&told, "ms", &event.ms.into());
    if let Some(status) = event.status {
        set(&told, "status", &status.into());
    }
    if let Some(code) = &event.code {
        set(&told, "code", &JsValue::from_str(code));
    }
    if let Some(delay) = event.delay_ms {
        set(&told, "delayMs", &delay.into());
    }
    let _ = observer.call1(&JsValue::UNDEFINED, &told);
}
