//! E-mail addresses, read as [RFC 5321, section
//! 4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2) writes them.
//!
//! Three things that the grammar allows are refused, since no mail provider hands them out: a
//! quoted name (`"john smith"@…`), a domain of a single label, and an address in brackets in a
//! domain's place. An address beyond ASCII (RFC 6531) is refused as well: to compare its domain
//! with a policy would take the tables of IDNA, and to compare it without them would let a blocked
//! domain through.

/// The domain of a well-formed address.
pub fn domain(address: &[u8]) -> Option<&[u8]> {
    let at = address.iter().rposition(|byte| *byte == b'@')?;
    let (local, domain) = (address.get(..at)?, address.get(at + 1..)?);
    // Section 4.5.3.1; 254 octets are what remains of a path of 256 without its angle brackets.
    let fits = address.len() <= 254 && local.len() <= 64;
    (fits && is_local_part(local) && labels(domain) > 1).then_some(domain)
}

/// Whether this is a host name in ASCII, of one label or more, whose last label is no number.
pub fn is_domain(text: &[u8]) -> bool {
    labels(text) > 0
}

/// How many labels the host name has; none if it is no host name.
fn labels(text: &[u8]) -> usize {
    let mut count = 0;
    let mut all_digits = false;
    for label in text.split(|byte| *byte == b'.') {
        let characters = label
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        let hyphens_within = !label.starts_with(b"-") && !label.ends_with(b"-");
        if !characters || !hyphens_within || !(1..=63).contains(&label.len()) {
            return 0;
        }
        all_digits = label.iter().all(u8::is_ascii_digit);
        count += 1;
    }
    if all_digits || text.len() > 253 {
        0
    } else {
        count
    }
}

/// Whether `domain` is `parent` or lies below it. Names that merely end in the same letters are
/// strangers.
pub fn is_within(domain: &[u8], parent: &[u8]) -> bool {
    let above = domain.len().checked_sub(parent.len());
    let Some((rest, end)) = above.and_then(|at| domain.split_at_checked(at)) else {
        return false;
    };
    end.eq_ignore_ascii_case(parent) && matches!(rest, [] | [.., b'.'])
}

/// Atoms between dots; what an atom is made of is in [RFC 5322, section
/// 3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
fn is_local_part(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'.').all(|atom| {
        // Between `!` and `~`, all but the specials.
        let fine = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'(' | b')' | b',' | b':'..=b'<' | b'>' | b'@' | b'['..=b']');
        !atom.is_empty() && atom.iter().all(fine)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn domain(address: &str) -> Option<&str> {
        super::domain(address.as_bytes()).and_then(|domain| std::str::from_utf8(domain).ok())
    }

    fn is_domain(text: &str) -> bool {
        super::is_domain(text.as_bytes())
    }

    fn is_within(domain: &str, parent: &str) -> bool {
        super::is_within(domain.as_bytes(), parent.as_bytes())
    }

    #[test]
    fn addresses_that_are_well_formed() {
        let longest = format!(
            "{}@{}.{}.{}.example",
            "a".repeat(64),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(53)
        );
        assert_eq!(longest.len(), 254);
        for (address, expected) in [
            ("john@example.com", "example.com"),
            ("john.smith+civic@mail.example.co.uk", "mail.example.co.uk"),
            ("O'Brien!#$%&*/=?^_`{|}~-@example.com", "example.com"),
            ("JOHN@EXAMPLE.COM", "EXAMPLE.COM"),
            ("j@xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
            ("1@2.3com", "2.3com"),
            (&longest, longest.rsplit('@').next().unwrap_or_default()),
        ] {
            assert_eq!(domain(address), Some(expected), "{address}");
        }
    }

    #[test]
    fn addresses_that_are_not() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "b".repeat(64));
        let long_whole = format!(
            "{}@{}.{}.{}.example",
            "a".repeat(64),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(54)
        );
        for address in [
            "",
            "@",
            "john",
            "john@",
            "@example.com",
            "example.com",
            "john@example",
            "john@@example.com",
            "a@b@example.com",
            "john@example..com",
            "john@.example.com",
            "john@example.com.",
            "john@-example.com",
            "john@example-.com",
            "john@exam_ple.com",
            ".john@example.com",
            "john.@example.com",
            "jo..hn@example.com",
            "jo hn@example.com",
            "john@exam ple.com",
            " john@example.com",
            "john@example.com ",
            "john@example.com\n",
            "john@example.com\r\nBcc: a@b.com",
            "John <john@example.com>",
            "<john@example.com>",
            "mailto:john@example.com",
            "john@example.com,jane@example.com",
            "john@[192.0.2.1]",
            "john@192.0.2.1",
            "john(c)@example.com",
            "\"john smith\"@example.com",
            "\"a@b\"@example.com",
            "\"\"@example.com",
            "\"john\"@example.com",
            "\"john@example.com",
            "\"jo\"hn\"@example.com",
            "\"john\\\"@example.com",
            "\"@example.com",
            "\"a\tb\"@example.com",
            "j\u{f6}hn@example.com",
            "john@m\u{fc}nchen.de",
            "john@example.com\0",
            "john@example.c\u{43e}m",
            "john@example.com/path",
            &long_local,
            &long_label,
            &long_whole,
        ] {
            assert_eq!(domain(address), None, "{address:?}");
        }
    }

    #[test]
    fn a_local_part_has_the_letters_of_an_atom_and_no_others() {
        for byte in 0..=127_u8 {
            let expected =
                byte.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(char::from(byte));
            let address = format!("a{}b@example.com", char::from(byte));
            assert_eq!(domain(&address).is_some(), expected, "{address:?}");
        }
    }

    #[test]
    fn domains() {
        for text in [
            "example.com",
            "EXAMPLE.com",
            "com",
            "a.b.c.d",
            "1.com",
            "xn--p1ai",
            "a--b.c",
        ] {
            assert!(is_domain(text), "{text}");
        }
        let longest = [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(61),
        ]
        .join(".");
        assert!(longest.len() == 253 && is_domain(&longest));
        assert!(!is_domain(&(longest + "d")));
        for text in [
            "",
            ".",
            ".com",
            "com.",
            "@example.com",
            "*.example.com",
            "https://example.com",
            "a b.com",
            "1.2.3.4",
            "1",
            "m\u{fc}nchen.de",
            "-a.com",
            "a-.com",
        ] {
            assert!(!is_domain(text), "{text}");
        }
    }

    #[test]
    fn a_domain_holds_its_subdomains_and_no_other() {
        for (inner, outer, within) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "example.COM", true),
            ("mail.example.com", "example.com", true),
            ("a.b.Example.com", "example.com", true),
            ("example.com", "com", true),
            ("badexample.com", "example.com", false),
            ("bad-example.com", "example.com", false),
            ("example.com", "mail.example.com", false),
            ("example.com.evil.net", "example.com", false),
            ("example.co", "example.com", false),
            ("\u{e9}xample.com", "xample.com", false),
            ("\u{e9}.com", "\u{a9}.com", false),
        ] {
            assert_eq!(is_within(inner, outer), within, "{inner} in {outer}");
        }
    }

    proptest! {
        #[test]
        fn the_domain_found_is_what_follows_the_last_at(address in "[a-z\\.\"@ ]{1,12}@[a-z0-9.-]{1,12}") {
            if let Some(found) = domain(&address) {
                prop_assert!(is_domain(found));
                prop_assert_eq!(Some(found), address.rsplit('@').next());
            }
        }

        #[test]
        fn within_means_the_same_labels_at_the_end(inner in "[ab]{1,2}(\\.[ab]{1,2}){0,3}", outer in "[ab]{1,2}(\\.[ab]{1,2}){0,3}") {
            let labels = |text: &str| text.split('.').map(String::from).collect::<Vec<_>>();
            prop_assert_eq!(is_within(&inner, &outer), labels(&inner).ends_with(&labels(&outer)));
            prop_assert_eq!(is_within(&inner.to_uppercase(), &outer), is_within(&inner, &outer));
        }

        #[test]
        fn any_text_at_all_is_survived(text in any::<String>(), other in any::<String>()) {
            let _ = (domain(&text), is_domain(&text), is_within(&text, &other));
        }
    }
}
