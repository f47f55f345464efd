//! Text taken apart by ASCII bytes. The standard library does it for every kind of pattern, with a copy of its machinery for
//! each: 4 KB of the module.

/// The parts between separators, which are ASCII.
pub struct Parts<'a> {
    rest: Option<&'a str>,
    separators: &'static [u8],
}

/// Splits at each of the separators, which are ASCII.
pub const fn parts<'a>(text: &'a str, separators: &'static [u8]) -> Parts<'a> {
    Parts {
        rest: Some(text),
        separators,
    }
}

impl Parts<'_> {
    /// Whether the part that came last was the last.
    pub const fn is_over(&self) -> bool {
        self.rest.is_none()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let (part, rest) = cut(self.rest?, self.separators);
        // What is left begins with the separator.
        self.rest = rest.get(1..);
        Some(part)
    }
}

/// The text before the first of the separators, and the rest from there.
#[inline(never)]
pub fn cut<'a>(text: &'a str, separators: &[u8]) -> (&'a str, &'a str) {
    let end = text.bytes().position(|byte| is_one_of(byte, separators));
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, ""))
}

/// Whether a byte is one of these.
#[inline(never)]
#[expect(
    clippy::manual_contains,
    reason = "that one is made for long slices, and ten times as long"
)]
pub fn is_one_of(byte: u8, set: &[u8]) -> bool {
    set.iter().any(|one| *one == byte)
}

/// Whether a text holds another.
pub fn contains(text: &str, part: &str) -> bool {
    part.is_empty()
        || text
            .as_bytes()
            .windows(part.len())
            .any(|window| window == part.as_bytes())
}

/// Writes a byte as two of these digits.
#[inline(never)]
pub fn hex(byte: u8, digits: &[u8; 16], into: &mut String) {
    for half in [byte >> 4, byte & 15] {
        let digit = digits.get(usize::from(half)).copied();
        into.push(char::from(digit.unwrap_or_default()));
    }
}

/// A whole number of so many decimal digits at most.
#[inline(never)]
pub fn whole(text: &str, most_digits: usize) -> Option<u64> {
    if text.is_empty() || text.len() > most_digits.min(19) {
        return None;
    }
    text.bytes().try_fold(0, |number: u64, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// As the standard library has it.
        #[test]
        fn text_is_taken_apart(text in "[ab/?é.0-9]{0,24}", part in "[ab/é]{0,3}") {
            let expected: Vec<_> = text.split(['/', '?']).collect();
            prop_assert_eq!(parts(&text, b"/?").collect::<Vec<_>>(), expected);
            let end = text.find(['/', '?']).unwrap_or(text.len());
            prop_assert_eq!(cut(&text, b"/?"), text.split_at(end));
            prop_assert_eq!(contains(&text, &part), text.contains(&part));
        }

        #[test]
        fn numbers_are_read(text in "[0-9+-]{0,21}") {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let expected = if digits && text.len() <= 19 { text.parse().ok() } else { None };
            prop_assert_eq!(whole(&text, usize::MAX), expected);
        }
    }

    #[test]
    fn the_last_part_is_known_as_such() {
        let mut it = parts("a/b/", b"/");
        assert_eq!((it.next(), it.is_over()), (Some("a"), false));
        assert_eq!((it.next(), it.is_over()), (Some("b"), false));
        assert_eq!((it.next(), it.is_over()), (Some(""), true));
        assert_eq!(it.next(), None);
    }
}
