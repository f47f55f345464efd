//! The rules one by one, and the machine against a world that loses, repeats and delays what it can.

mod model;
mod rules;
mod world;

use super::case::Case;
use super::wire::{Eyes, case_in, case_out};
use serde_json::Value;

impl Eyes for Option<Value> {
    fn flag(&self) -> Option<bool> {
        self.as_ref()?.as_bool()
    }
    fn names(&self) -> Vec<String> {
        let object = self.as_ref().and_then(Value::as_object);
        object.map_or_else(Vec::new, |object| object.keys().cloned().collect())
    }
}

/// What the store gives back of a state.
fn stored(case: &Case) -> Option<Case> {
    let text = case_out(case).print();
    case_in(&Some(serde_json::from_str::<Value>(&text).unwrap())).unwrap()
}
