//! JavaScript's values, as the core looks at them: by number, while it answers one question. `pkg-template/hands.js` keeps
//! them until then. As references of wasm-bindgen's they took a table, an allocator of its places, and a drop for each
//! look: 4 KB of the module and of its JavaScript.

use crate::json::{Json, Kind};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The value of a property; below 0 where the name at that place was not told yet.
    #[wasm_bindgen(js_namespace = hands, js_name = get)]
    fn hand_get(it: i32, place: i32) -> i32;
    /// Whether it has what `Json::fits` asks for: 1 is yes; below 0 where the names were not told yet.
    #[wasm_bindgen(js_namespace = hands, js_name = fits)]
    fn hand_fits(it: i32, place: i32, required: i32) -> i32;
    /// Tells names once: to decode them anew costs more than to read a property.
    #[wasm_bindgen(js_namespace = hands, js_name = name)]
    fn hand_name(place: i32, names: &[u8]);
    #[wasm_bindgen(js_namespace = hands, js_name = at)]
    fn hand_at(it: i32, index: i32) -> i32;
    /// How long a list or a text is.
    #[wasm_bindgen(js_namespace = hands, js_name = count)]
    fn hand_count(it: i32) -> i32;
    /// Writes a text as UTF-8; how many bytes it took. A `String` would take a converter of its own, and the allocator's exports.
    #[wasm_bindgen(js_namespace = hands, js_name = text)]
    fn hand_text(it: i32, into: &mut [u8]) -> i32;
    #[wasm_bindgen(js_namespace = hands, js_name = number)]
    fn hand_number(it: i32) -> f64;
}

/// A value: eight times its place among those that were looked at, and its kind.
#[derive(Clone, Copy)]
pub struct Seen(i32);

impl Seen {
    /// The list of all that JavaScript shows with a question.
    const SHOWN: Self = Self(Kind::Array as i32);

    /// True or false.
    pub fn flag(self) -> Option<bool> {
        (self.kind() == Kind::Boolean).then(|| hand_number(self.0) > 0.0)
    }
}

/// How names are known: by where they lie, and how long they are. What is constant lies below 16 MB.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a few words long"
)]
fn place_of(names: &'static str) -> i32 {
    names.as_ptr() as i32 | (names.len() as i32) << 24
}

impl Json for Seen {
    #[inline(never)]
    fn kind(&self) -> Kind {
        match self.0 & 7 {
            0 => Kind::Absent,
            1 => Kind::Null,
            2 => Kind::Boolean,
            3 => Kind::Number,
            4 => Kind::String,
            5 => Kind::Array,
            _ => Kind::Object,
        }
    }

    #[inline(never)]
    fn get(&self, name: &'static str) -> Self {
        if self.0 & 7 < Kind::Array as i32 {
            return Self(0);
        }
        let place = place_of(name);
        let it = hand_get(self.0, place);
        if it >= 0 {
            return Self(it);
        }
        hand_name(place, name.as_bytes());
        Self(hand_get(self.0, place))
    }

    fn count(&self) -> u32 {
        hand_count(self.0).cast_unsigned()
    }

    fn at(&self, index: u32) -> Self {
        Self(hand_at(self.0, index.cast_signed()))
    }

    #[inline(never)]
    #[expect(
        unsafe_code,
        reason = "what JavaScript has encoded needs no second look"
    )]
    fn text(&self) -> Option<String> {
        if self.kind() != Kind::String {
            return None;
        }
        // A unit of UTF-16 takes three bytes at most.
        let most = self.count() as usize;
        let mut bytes = vec![0; most.saturating_mul(3)];
        let written = hand_text(self.0, &mut bytes).cast_unsigned() as usize;
        bytes.truncate(written);
        // SAFETY: what `text` in `pkg-template/hands.js` has written, and nothing else: units below 128 as they are, or what
        // `TextEncoder.encodeInto` makes of them, which is UTF-8, no matter what the text holds.
        Some(unsafe { String::from_utf8_unchecked(bytes) })
    }

    #[inline(never)]
    fn number(&self) -> Option<f64> {
        (self.kind() == Kind::Number).then(|| hand_number(self.0))
    }

    fn fits(&self, names: &'static str, required: u32) -> bool {
        let place = place_of(names);
        let mut fits = hand_fits(self.0, place, required.cast_signed());
        if fits < 0 {
            hand_name(place, names.as_bytes());
            fits = hand_fits(self.0, place, required.cast_signed());
        }
        fits > 0
    }
}

/// What JavaScript shows with a question, by place. As arguments, wasm-bindgen would unpack them one by one, 200 bytes and more
/// an export.
pub mod given {
    use super::Seen;
    use crate::json::Json;

    /// As it came.
    pub fn value(place: u32) -> Seen {
        Seen::SHOWN.at(place)
    }

    /// All of them.
    pub const fn all() -> Seen {
        Seen::SHOWN
    }

    /// A text, where there is one.
    pub fn optional(place: u32) -> Option<String> {
        value(place).text()
    }

    /// A text; empty where there is none.
    #[inline(never)]
    pub fn text(place: u32) -> String {
        optional(place).unwrap_or_default()
    }

    /// A number; 0 where there is none.
    #[inline(never)]
    pub fn number(place: u32) -> f64 {
        value(place).number().unwrap_or_default()
    }

    /// A whole number that JavaScript has checked.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number of 32 bits"
    )]
    pub fn whole(place: u32) -> u32 {
        number(place) as u32
    }
}
