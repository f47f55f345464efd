//! The desk's boundary, where its state machine meets JavaScript: run by wasm-bindgen-test in Node and in a headless
//! Chromium.
//!
//! What an event comes to is proven by the core's own tests. Here is what only the two sides together can get wrong: values
//! handed over, input of any kind that must not trap, and text that both sides must spell alike.

#![cfg(all(target_family = "wasm", feature = "desk"))]
// A test that fails panics; what is missing here is a failure.
#![allow(clippy::unwrap_used, clippy::float_cmp, missing_docs)]

use js_sys::{Array, JSON, Reflect};
use passdesk::boundary as core;
use support::{get, js};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "support/js.rs"]
#[allow(dead_code, reason = "not all tests need all of it")]
mod support;

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

/// What was thrown: an `Error`, and nothing of the value `Specimen` that each malformed input carries.
fn refused(result: Result<JsValue, JsValue>) -> String {
    let error = result.unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    let message = get(&error, "message").as_string().unwrap();
    assert!(!message.contains("Specimen"), "{message}");
    message
}

fn step(state: &JsValue, event: &str, now: &str) -> Result<JsValue, JsValue> {
    let input = js(&format!(
        "{{ event: {event}, now: {now}, random: 0.5, settings: {{}} }}"
    ));
    Reflect::set(&input, &"state".into(), state).unwrap();
    core::desk_step(&input)
}

const OPENED: &str = "{ type: 'intake-confirmed', id: 'abc123', status: 'verification-success' }";

#[wasm_bindgen_test]
fn a_state_goes_through_javascript_and_comes_back() {
    let opened = step(&JsValue::NULL, OPENED, "1000").unwrap();
    assert_eq!(get(&opened, "changed"), JsValue::TRUE);
    // As the Worker keeps it: text, between one request and the next.
    let state = JSON::parse(&json(&get(&opened, "state"))).unwrap();
    let claimed = step(
        &state,
        "{ type: 'claim', by: 'ada@partner.example' }",
        "2000",
    )
    .unwrap();
    assert_eq!(
        json(&get(&get(&claimed, "state"), "claim")),
        r#"{"by":"ada@partner.example","until":902000}"#
    );
    let effects: Array = get(&claimed, "effects").into();
    let kinds: Vec<_> = effects
        .iter()
        .map(|effect| get(&effect, "type").as_string().unwrap())
        .collect();
    assert_eq!(kinds, ["audit", "respond"]);
    let lost = step(&JsValue::NULL, "{ type: 'purge' }", "1").unwrap();
    assert_eq!(get(&lost, "state"), JsValue::NULL);
    // A slip in the Worker must not look like a case that is not there.
    let forgotten = refused(step(&JsValue::UNDEFINED, "{ type: 'purge' }", "1"));
    assert_eq!(forgotten, "`state` must be an object");
}

#[wasm_bindgen_test]
fn names_of_any_script_arrive_as_they_are() {
    let state = get(&step(&JsValue::NULL, OPENED, "1").unwrap(), "state");
    for by in [
        "'käthe@bücher.example'",
        "'\\u{1f4c4}@x.example'",
        "'a\\u0000\"\\\\\\n@x.example'",
        "'\\u2028@x.example'",
    ] {
        let claimed = step(&state, &format!("{{ type: 'claim', by: {by} }}"), "2").unwrap();
        let told = get(&get(&get(&claimed, "state"), "claim"), "by");
        assert_eq!(told, js(by), "{by}");
    }
    // Half a surrogate pair is no character; it must not trap, nor pass for another name.
    let claimed = step(&state, "{ type: 'claim', by: 'a\\ud800' }", "2").unwrap();
    let told = get(&get(&get(&claimed, "state"), "claim"), "by");
    assert_eq!(told.as_string().unwrap(), "a\u{fffd}");
}

#[wasm_bindgen_test]
fn whatever_is_no_input_is_refused_by_its_field() {
    for input in [
        "undefined",
        "null",
        "7",
        "'Specimen'",
        "[]",
        "() => 1",
        "Symbol('Specimen')",
        "10n",
    ] {
        assert!(!refused(core::desk_step(&js(input))).is_empty(), "{input}");
    }
    let state = get(&step(&JsValue::NULL, OPENED, "1").unwrap(), "state");
    for (event, field) in [
        ("null", "event"),
        ("'Specimen'", "event"),
        ("{ type: 'Specimen' }", "event.type"),
        ("{ type: 'claim' }", "event.by"),
        ("{ type: 'claim', by: ['Specimen'] }", "event.by"),
        (
            "{ type: 'decide', verdict: 'Specimen', by: 'a' }",
            "event.verdict",
        ),
        (
            "{ type: 'sent', lease: 1.5, outcome: 'applied' }",
            "event.lease",
        ),
        (
            "{ type: 'sent', lease: 1n, outcome: 'applied' }",
            "event.lease",
        ),
        (
            "{ type: 'sent', lease: 2 ** 32, outcome: 'applied' }",
            "event.lease",
        ),
        (
            "{ type: 'send-failed', lease: 1, code: 'network', retryable: 1 }",
            "event.retryable",
        ),
    ] {
        let message = refused(step(&state, event, "2"));
        assert!(
            message.starts_with(&format!("`{field}` must be ")),
            "{message}"
        );
    }
    for now in [
        "NaN",
        "-1",
        "1.5",
        "Infinity",
        "2 ** 53",
        "'1'",
        "1n",
        "new Date(1)",
    ] {
        let message = refused(step(&state, "{ type: 'purge' }", now));
        assert!(message.starts_with("`now` must be "), "{now}: {message}");
    }
    let broken = js("{ ...JSON.parse('{\"id\":\"abc123\"}'), version: 'Specimen' }");
    assert!(refused(step(&broken, "{ type: 'purge' }", "1")).starts_with("`state."));
}

#[wasm_bindgen_test]
fn settings_are_completed_or_refused_by_name() {
    let whole = core::desk_settings(&js("{ undoMs: 5 }")).unwrap();
    assert_eq!(get(&whole, "undoMs"), JsValue::from_f64(5.0));
    assert_eq!(get(&whole, "twoPerson"), JsValue::FALSE);
    for (settings, name) in [
        ("{ undoMS: 5 }", "undoMS"),
        ("JSON.parse('{\"__proto__\":{\"undoMs\":5}}')", "__proto__"),
        ("{ undoMs: '5' }", "undoMs"),
        ("{ twoPerson: 1 }", "twoPerson"),
    ] {
        let message = refused(core::desk_settings(&js(settings)));
        assert!(message.contains(name), "{message}");
    }
}

#[wasm_bindgen_test]
fn roles_are_read_from_whatever_comes() {
    let may = |input: &str| json(&core::desk_may(&js(input)));
    assert_eq!(
        may("{ roles: ['reviewer'], action: 'claim' }"),
        r#"{"allowed":true,"why":null}"#
    );
    assert_eq!(
        may("{ roles: ['monitor'], action: 'read-metrics' }"),
        r#"{"allowed":true,"why":null}"#
    );
    for input in [
        "{ roles: 'admin', action: 'claim' }",
        "{ roles: { 0: 'admin', length: 1 }, action: 'claim' }",
        "{ roles: [['admin'], 7, null, , 'Admin'], action: 'claim' }",
        "{ action: 'claim' }",
    ] {
        assert_eq!(
            may(input),
            r#"{"allowed":false,"why":"no_role"}"#,
            "{input}"
        );
    }
    for input in ["{ roles: ['admin'], action: 7 }", "{ roles: ['admin'] }"] {
        assert_eq!(
            may(input),
            r#"{"allowed":false,"why":"unknown_action"}"#,
            "{input}"
        );
    }
}

#[wasm_bindgen_test]
fn what_is_hashed_is_what_json_stringify_writes() {
    let texts = js(
        r#"["", "plain", "\u0000\u0001\u001f\u007f", "\b\t\n\f\r\"\\/", "\u2028\u2029", "käthe", "\u{1f4c4}", "=1+1", "{\"a\":1}"]"#,
    );
    for text in Array::from(&texts).iter() {
        let row =
            js("{ seq: 1, prev: '', at: 2 ** 53 - 1, case: '', action: '', by: '', detail: '' }");
        let array = js("['passdesk-audit-1', 1, '', 2 ** 53 - 1, '', '', '', '']");
        for (index, name) in [
            (2, "prev"),
            (4, "case"),
            (5, "action"),
            (6, "by"),
            (7, "detail"),
        ] {
            Reflect::set(&row, &name.into(), &text).unwrap();
            Reflect::set_u32(&array, index, &text).unwrap();
            assert_eq!(core::audit_canonical(&row).unwrap(), json(&array));
        }
        Reflect::set(&row, &"hash".into(), &text).unwrap();
        let line = core::audit_ndjson(&row).unwrap();
        let read = JSON::parse(&line).unwrap();
        assert_eq!(get(&read, "by"), text);
        assert_eq!(get(&read, "at"), JsValue::from_f64(9_007_199_254_740_991.0));
        assert!(core::audit_csv(&row).unwrap().ends_with("\r\n"));
    }
    for row in [
        "null",
        "{ seq: 1 }",
        "{ seq: 0.5, prev: 'Specimen' }",
        "'Specimen'",
    ] {
        refused(core::audit_canonical(&js(row)).map(Into::into));
        refused(core::audit_ndjson(&js(row)).map(Into::into));
        refused(core::audit_csv(&js(row)).map(Into::into));
    }
    assert_eq!(
        core::audit_csv_header(),
        "seq,at,case,action,by,detail,prev,hash\r\n"
    );
}

#[wasm_bindgen_test]
fn the_known_fields_are_names() {
    let fields = core::known_fields();
    assert!(fields.iter().any(|field| field == "documentNumber"));
    let plain = |field: &String| field.bytes().all(|byte| byte.is_ascii_alphabetic());
    assert!(fields.iter().all(plain));
}
