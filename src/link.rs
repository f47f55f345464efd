//! Which addresses are spoken to, and which of them may hear the bearer token.
//!
//! Addresses are compared as text, so the grammar is far narrower than the WHATWG URL Standard's: what two
//! parsers could read in two ways (user info, backslashes, dot segments, encoded hosts, odd IPv4 forms) is
//! refused, not normalised. The property test holds the rest against the `url` crate.

use crate::error::{Code, Error, concat};
use crate::text::{cut, hex, is_one_of, parts, whole};

/// An address that passed the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `https://host[:port]`, lower case, without the scheme's default port.
    pub origin: String,
    /// From the first slash after the host up to the query; empty where there is none.
    pub path: String,
    /// With its question mark; empty where there is none.
    pub query: String,
}

impl Address {
    /// Reads an `https` address, or an `http` one on loopback. `None` is for anything else.
    #[inline(never)]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 8192 {
            return None;
        }
        let (scheme, rest) = cut(text, b":");
        let rest = rest.strip_prefix("://")?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (authority, tail) = cut(rest, b"/?#");
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if !(is_name(&host) || is_ipv4(&host) || host == "[::1]")
            || (!secure && !is_loopback(&host))
        {
            return None;
        }
        let default_port = if secure { "443" } else { "80" };
        let scheme = if secure { "https://" } else { "http://" };
        let origin = match port {
            Some(port) if port != default_port => concat(&[scheme, &host, ":", port]),
            _ => concat(&[scheme, &host]),
        };
        let (path, query) = cut(tail, b"?");
        if !is_path(path)
            || !query
                .bytes()
                .skip(1)
                .all(|byte| is_path_byte(byte) || matches!(byte, b'/' | b'?' | b'%'))
        {
            return None;
        }
        Some(Self {
            origin,
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// Takes an origin of our own, which needs no reading.
    #[inline(never)]
    pub fn root(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            path: String::new(),
            query: String::new(),
        }
    }

    /// Reads the option `name` as the root of an API: no query, and no slash at the end of what is kept.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option.
    #[inline(never)]
    pub fn base(text: &str, name: &str) -> Result<Self, Error> {
        let mut address = Self::parse(text)
            .filter(|address| address.query.is_empty())
            .ok_or_else(|| {
                Error::option(
                    name,
                    "an https address (http on loopback only) without a query",
                )
            })?;
        if address.path.ends_with("/") {
            address.path.pop();
        }
        Ok(address)
    }

    /// The whole, as it is fetched.
    #[inline(never)]
    pub fn href(&self) -> String {
        concat(&[&self.origin, &self.path, &self.query])
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (mut host, mut port) = cut(authority, b":");
    if authority.starts_with("[") {
        let end = authority.bytes().position(|byte| byte == b']')? + 1;
        (host, port) = authority.split_at_checked(end)?;
    }
    if port.is_empty() {
        return Some((host, None));
    }
    let port = port.strip_prefix(":")?;
    // No leading zero: `:0443` and `:443` are one port and two texts.
    let canonical = !port.starts_with("0") && whole(port, 5).is_some_and(|port| port <= 65_535);
    canonical.then_some((host, Some(port)))
}

/// A DNS name whose last label is no number (that would be an IPv4 address to the WHATWG parser) and that
/// needs no IDNA mapping.
fn is_name(host: &str) -> bool {
    let mut last = "";
    let labels_hold = parts(host, b".").all(|label| {
        last = label;
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with("xn--")
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    });
    let number = last
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_digit());
    labels_hold && host.len() <= 253 && !number
}

/// Four plain decimal numbers: no octal, no hexadecimal, no short form.
fn is_ipv4(host: &str) -> bool {
    parts(host, b".").count() == 4
        && parts(host, b".").all(|part| {
            (part == "0" || !part.starts_with("0"))
                && whole(part, 3).is_some_and(|number| number <= 255)
        })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.ends_with(".localhost")
        || (is_ipv4(host) && host.starts_with("127."))
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || is_one_of(byte, b"-._~!$&()*+,;=:@")
}

/// Absolute, with no empty segment but the last, no dot segment, and nothing encoded that could be one.
#[inline(never)]
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/") else {
        return path.is_empty();
    };
    let mut segments = parts(rest, b"/");
    while let Some(segment) = segments.next() {
        if !(is_segment(segment) || (segment.is_empty() && segments.is_over())) {
            return false;
        }
    }
    true
}

fn is_segment(segment: &str) -> bool {
    let plain = segment
        .bytes()
        .all(|byte| is_path_byte(byte) || byte == b'%');
    plain
        && !segment.is_empty()
        && segment != "."
        && segment != ".."
        && is_harmlessly_encoded(segment)
}

/// Every `%` begins an encoded byte, and none of them a dot, a slash, a backslash, a control or a `%`.
fn is_harmlessly_encoded(segment: &str) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    parts(segment, b"%").skip(1).all(|rest| {
        let [high, low, ..] = rest.as_bytes() else {
            return false;
        };
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
            return false;
        };
        let byte = high * 16 + low;
        !(byte <= 0x1f || byte == 0x7f || b"./\\%".iter().any(|odd| byte == u32::from(*odd)))
    })
}

/// Whether a request id is one: `[A-Za-z0-9._~-]{1,128}`, and no dot segment.
pub fn is_request_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id != "."
        && id != ".."
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || is_one_of(byte, b"._~-"))
}

/// Checks the option `name` as a request id.
///
/// # Errors
/// `invalid_argument`, naming the option.
#[inline(never)]
pub fn request_id<'id>(id: &'id str, name: &str) -> Result<&'id str, Error> {
    if is_request_id(id) {
        return Ok(id);
    }
    Err(Error::option(
        name,
        "1 to 128 of A-Z a-z 0-9 . _ ~ - (and neither . nor ..)",
    ))
}

/// A link that may be fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The address.
    pub href: String,
    /// Whether the bearer token goes with it.
    pub bearer: bool,
}

/// Judges an evidence link of the request `id`: below that request's own `/evidence/` it gets the bearer,
/// on an origin the caller allows it goes without.
///
/// # Errors
/// `untrusted_link`.
pub fn evidence(
    href: &str,
    id: &str,
    base: &Address,
    allowed: &[String],
) -> Result<Trusted, Error> {
    let refuse = |why: &str| Err(Error::new(Code::UntrustedLink, why));
    let Some(address) = Address::parse(href) else {
        return refuse("the evidence link is not a plain https address");
    };
    let own = concat(&[&base.path, "/partner/piirequest/", id, "/evidence/"]);
    let below = address
        .path
        .strip_prefix(&own)
        .is_some_and(|rest| !rest.is_empty());
    if address.origin == base.origin && below {
        return Ok(Trusted {
            href: address.href(),
            bearer: true,
        });
    }
    if allowed.contains(&address.origin) {
        return Ok(Trusted {
            href: address.href(),
            bearer: false,
        });
    }
    if address.origin == base.origin {
        return refuse("the evidence link does not lie below this request's own /evidence/");
    }
    refuse("the evidence link leads to an origin that `allowOrigins` does not name")
}

/// Reads one item of `allowOrigins`.
///
/// # Errors
/// `invalid_argument`, naming the item.
pub fn origin(text: &str, name: &str) -> Result<String, Error> {
    Address::parse(text)
        .filter(|address| {
            address.query.is_empty() && (address.path.is_empty() || address.path == "/")
        })
        .map(|address| address.origin)
        .ok_or_else(|| Error::option(name, "an https origin (http on loopback only)"))
}

/// Percent-encodes for a query or a form (`application/x-www-form-urlencoded`, but `%20` for a space, which
/// every reader of either takes).
#[inline(never)]
pub fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || is_one_of(byte, b"-._~") {
            into.push(char::from(byte));
        } else {
            into.push('%');
            hex(byte, b"0123456789ABCDEF", into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Address {
        Address::base("https://api.civic.com", "baseUrl").unwrap()
    }

    fn judge(href: &str) -> Result<Trusted, Error> {
        evidence(
            href,
            "abc123",
            &base(),
            &["https://store.example".to_owned()],
        )
    }

    #[test]
    fn our_own_origins_are_what_reading_makes_of_them() {
        for own in [crate::pii::CIVIC, crate::attestation::GLOBALID] {
            assert_eq!(Address::base(own, "baseUrl"), Ok(Address::root(own)));
        }
    }

    #[test]
    fn the_texts_own_links_get_the_bearer() {
        for rel in [
            "idDocumentFront",
            "idDocumentBack",
            "new-rel/2",
            "x?size=large",
        ] {
            let href = concat(&[
                "https://api.civic.com/partner/piirequest/abc123/evidence/",
                rel,
            ]);
            assert_eq!(judge(&href), Ok(Trusted { href, bearer: true }));
        }
        assert!(
            judge("HTTPS://API.civic.com:443/partner/piirequest/abc123/evidence/a")
                .unwrap()
                .bearer
        );
    }

    #[test]
    fn an_allowed_origin_never_gets_the_bearer() {
        let signed = "https://store.example/bucket/front.jpg?X-Amz-Signature=abc%2Fdef";
        assert_eq!(
            judge(signed),
            Ok(Trusted {
                href: signed.to_owned(),
                bearer: false
            })
        );
    }

    #[test]
    fn nothing_else_is_fetched() {
        for href in [
            "",
            "idDocumentFront",
            "/partner/piirequest/abc123/evidence/idDocumentFront",
            "//api.civic.com/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com/partner/piirequest/abc123/evidence/",
            "https://api.civic.com/partner/piirequest/abc123/evidence",
            "https://api.civic.com/partner/piirequest/abc123/evidence/../../other/evidence/a",
            "https://api.civic.com/partner/piirequest/abc123/evidence/%2e%2e/a",
            "https://api.civic.com/partner/piirequest/abc123/evidence/..%2fa",
            "https://api.civic.com/partner/piirequest/abc123/evidence/%2E",
            "https://api.civic.com/partner/piirequest/abc123/evidence/a\\..\\b",
            "https://api.civic.com/partner/piirequest/abc123/evidence/a#b",
            "https://api.civic.com/partner/piirequest/abc123/evidence/a%",
            "https://api.civic.com/partner/piirequest/abc123/evidence/a%zz",
            "https://api.civic.com/partner/piirequest/abc123/evidence/a b",
            "https://api.civic.com/partner/piirequest/abc123/evidence/\ta",
            "https://api.civic.com/partner/piirequest/other/evidence/a",
            "https://api.civic.com/partner/piirequest/abc1234/evidence/a",
            "https://api.civic.com//partner/piirequest/abc123/evidence/a",
            "https://api.civic.com/x/partner/piirequest/abc123/evidence/a",
            "http://api.civic.com/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com:8443/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com:0443/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com./partner/piirequest/abc123/evidence/a",
            "https://api.civic.com@evil.example/partner/piirequest/abc123/evidence/a",
            "https://user:pass@api.civic.com/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com.evil.example/partner/piirequest/abc123/evidence/a",
            "https://api.civic.com%2eevil.example/partner/piirequest/abc123/evidence/a",
            "https:/api.civic.com/partner/piirequest/abc123/evidence/a",
            "https:\\\\api.civic.com/partner/piirequest/abc123/evidence/a",
            " https://api.civic.com/partner/piirequest/abc123/evidence/a",
            "https://аpi.civic.com/partner/piirequest/abc123/evidence/a",
            "https://store.example.evil.example/a",
            "http://store.example/a",
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "blob:https://api.civic.com/1",
        ] {
            assert_eq!(judge(href).unwrap_err().code, Code::UntrustedLink, "{href}");
        }
    }

    #[test]
    fn a_refusal_says_whether_the_place_is_wrong_or_the_origin() {
        for (href, says) in [
            (
                "https://api.civic.com/elsewhere",
                "below this request's own",
            ),
            ("https://evil.example/a", "`allowOrigins` does not name"),
        ] {
            let error = judge(href).unwrap_err();
            assert!(error.message.contains(says), "{}", error.message);
        }
    }

    #[test]
    fn http_is_for_loopback() {
        for fine in [
            "http://localhost",
            "http://a.localhost:1",
            "http://127.0.0.1:8787",
            "http://127.9.9.9",
            "http://127.0.0.255",
            "http://[::1]:80/x",
        ] {
            assert!(Address::parse(fine).is_some(), "{fine}");
        }
        for bad in [
            "http://127.1",
            "http://0177.0.0.1",
            "http://2130706433",
            "http://0x7f.0.0.1",
            "http://127.0.0.256",
            "http://[::ffff:127.0.0.1]",
            "http://[::]",
            "http://10.0.0.1",
            "http://127.evil.example",
            "http://127.0.0.00",
            "http://127.0.0.1.1",
            "http://localhost.evil.example",
            "http://notlocalhost",
            "ftp://localhost",
            "ws://127.0.0.1",
            "://localhost",
        ] {
            assert!(Address::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_base_keeps_its_path_and_no_query() {
        assert_eq!(
            Address::base("https://desk.example/civic/", "baseUrl")
                .unwrap()
                .href(),
            "https://desk.example/civic"
        );
        assert_eq!(
            Address::base("https://desk.example/?a=b", "baseUrl")
                .unwrap_err()
                .message,
            "`baseUrl` must be an https address (http on loopback only) without a query"
        );
        assert!(Address::base("https://desk.example/#a", "baseUrl").is_err());
        assert_eq!(
            origin("https://store.example/", "allowOrigins[0]").unwrap(),
            "https://store.example"
        );
        assert_eq!(
            origin("https://store.example", "allowOrigins[0]").unwrap(),
            "https://store.example"
        );
        for more in ["/a", "?a=b", "/?a=b"] {
            let text = concat(&["https://store.example", more]);
            assert!(origin(&text, "allowOrigins[0]").is_err(), "{more}");
        }
    }

    #[test]
    fn a_host_and_its_port_have_one_spelling() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        for fine in ["a", "a-b.c_d.e1", "1.a", &label, &longest, "a:65535", "a:1"] {
            assert!(
                Address::parse(&concat(&["https://", fine])).is_some(),
                "{fine}"
            );
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a.1",
            "a.0x1",
            "xn--a.b",
            "a.xn--b",
            "a%62",
            "a!b",
            &concat(&["a", &label]),
            &concat(&[&longest, "a"]),
            "a:0443",
            "a:65536",
            "a:-1",
            "a:",
            "a:1:2",
        ] {
            assert!(
                Address::parse(&concat(&["https://", bad])).is_none(),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_port_of_the_scheme_is_left_out_and_no_other() {
        for (text, origin) in [
            ("https://a:443", "https://a"),
            ("https://a:80", "https://a:80"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:443", "http://localhost:443"),
            ("https://localhost:80", "https://localhost:80"),
        ] {
            assert_eq!(Address::parse(text).unwrap().origin, origin, "{text}");
        }
    }

    #[test]
    fn an_address_has_an_end() {
        let long = |length: usize| concat(&["https://a/", &"x".repeat(length - 10)]);
        assert!(Address::parse(&long(8192)).is_some());
        assert!(Address::parse(&long(8193)).is_none());
        let base = Address::base("https://desk.example/civic", "baseUrl").unwrap();
        assert_eq!(base.href(), "https://desk.example/civic");
    }

    #[test]
    fn what_is_encoded_in_a_path_is_none_of_its_signs() {
        for fine in [
            "/%41",
            "/a%20b/%C3%A9",
            "/%7E",
            "/%2a%2D",
            "/a/b/",
            "/~a.b",
            "/...",
        ] {
            let text = concat(&["https://store.example", fine]);
            assert_eq!(Address::parse(&text).unwrap().href(), text);
        }
        for bad in [
            "/%00", "/%1f", "/%1F", "/%7f", "/%2e", "/%2E", "/%2f", "/%2F", "/%5c", "/%5C", "/%25",
            "/%2", "/%", "/%4g", "/%g4", "/%41%", "/%41%2e", "//", "/a//b", "/.", "/a/..", "/./a",
            "/a\u{7f}",
        ] {
            let text = concat(&["https://store.example", bad]);
            assert!(Address::parse(&text).is_none(), "{bad}");
        }
    }

    #[test]
    fn request_ids() {
        for fine in [
            "abc123",
            "a",
            "...",
            "~",
            "0b0e7c1e-8d3a-4b7e-9f53-7f6cf2c5a111",
            &"x".repeat(128),
        ] {
            assert!(is_request_id(fine), "{fine}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a%2fb",
            "a b",
            "é",
            "a?b",
            "a#b",
            "a\0",
            &"x".repeat(129),
        ] {
            assert!(!is_request_id(bad), "{bad}");
        }
    }

    /// Close to a URL, and close to its edges.
    fn url_like() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "https",
            "http",
            "HTTPS",
            "://",
            ":",
            "/",
            "//",
            "\\",
            "api.civic.com",
            "API.civic.com",
            "127.0.0.1",
            "127.1",
            "[::1]",
            "localhost",
            "a.b",
            "xn--a",
            "1",
            ".",
            "..",
            "%2e",
            "%2F",
            "%41",
            "%",
            "@",
            "user",
            ":443",
            ":80",
            ":8080",
            ":0443",
            "?",
            "a=b",
            "#",
            "\t",
            "\n",
            " ",
            "é",
            "'",
            "\"",
            "<",
            "|",
            "^",
            "[",
            "]",
            "_",
            "-",
            "~",
            "evidence",
            "partner",
            "\u{ff0e}",
        ]);
        prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// What the grammar takes, the WHATWG parser reads in the very same way.
        #[test]
        fn what_is_accepted_is_read_alike_by_the_platform(tail in url_like(), prefixed: bool) {
            let text = if prefixed { format!("https://api.civic.com/{tail}") } else { tail };
            if let Some(address) = Address::parse(&text) {
                let judge = url::Url::parse(&text).expect("the platform refuses it");
                prop_assert_eq!(&judge.origin().ascii_serialization(), &address.origin);
                prop_assert_eq!(judge.path(), if address.path.is_empty() { "/" } else { &address.path });
                let query = address.query.strip_prefix('?');
                prop_assert_eq!(judge.query(), query);
                prop_assert_eq!(judge.username(), "");
                prop_assert!(judge.fragment().is_none());
                let again = Address::parse(&address.href());
                prop_assert_eq!(again, Some(address));
            }
        }

        #[test]
        fn the_bearer_goes_below_evidence_only(tail in url_like()) {
            for href in [tail.clone(), format!("https://api.civic.com/partner/piirequest/abc123/evidence/{tail}")] {
                if let Ok(Trusted { href, bearer: true }) = judge(&href) {
                    let judge = url::Url::parse(&href).unwrap();
                    prop_assert_eq!(judge.origin().ascii_serialization(), "https://api.civic.com");
                    prop_assert!(judge.path().starts_with("/partner/piirequest/abc123/evidence/"));
                }
            }
        }

        #[test]
        fn encoded_text_reads_back(text: String) {
            let mut encoded = String::from("value=");
            encode(&text, &mut encoded);
            let read: Vec<_> = url::form_urlencoded::parse(encoded.as_bytes()).collect();
            prop_assert_eq!(read[0].1.as_ref(), text.as_str());
        }
    }
}
