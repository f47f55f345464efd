//! What the runtime is, where that makes a difference. No page is needed: Workers, Node, Deno and Bun have no `window`.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

fn global(name: &str) -> JsValue {
    look(&js_sys::global(), name)
}

fn look(it: &JsValue, name: &str) -> JsValue {
    Reflect::get(it, &JsValue::from_str(name)).unwrap_or_default()
}

fn user_agent() -> String {
    let agent = look(&global("navigator"), "userAgent");
    agent.as_string().unwrap_or_default()
}

/// Whether this is a page, which everyone who opens it can read.
pub fn in_page() -> bool {
    !global("window").is_undefined()
}

/// Whether a browser asks, whose cache must not keep what comes: its pages and workers say so, and nothing else does.
pub fn in_browser() -> bool {
    user_agent().starts_with("Mozilla/")
}

/// Whether requests share this instance, and each may go away with its promises: a Worker of Cloudflare's.
pub fn in_worker() -> bool {
    user_agent() == "Cloudflare-Workers"
}
