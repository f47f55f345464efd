//! Evidence is what its bytes say it is.

use crate::error::{Code, Error, concat};
use crate::json::Json;
use crate::link::{self, Address, Trusted};
use crate::pii;
use crate::request::Request;
use crate::text::{cut, parts};

/// The most bytes of evidence that are read where the caller does not say: 20 MiB.
pub const DEFAULT_MAX_BYTES: u32 = 20 * 1024 * 1024;

/// How many bytes from the start decide the type.
pub const SIGNATURE_LENGTH: usize = 12;

/// The types that evidence may have, as an `accept` header names them.
pub const TYPES: &str =
    "image/jpeg, image/png, image/webp, image/gif, image/heic, image/heif, application/pdf";

/// The media type that the first bytes prove, or `None`. SVG and HTML are never evidence: they carry script.
///
/// <https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern>; HEIC by its brands, ISO/IEC 23008-12 annex B.
pub fn sniff(start: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, bytes: &[u8]| {
        start
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(bytes))
    };
    if at(0, b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Some("image/webp")
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Some("image/gif")
    } else if at(0, b"%PDF-") {
        Some("application/pdf")
    } else if at(4, b"ftyp") {
        let brand = |brands| parts(brands, b" ").any(|brand| at(8, brand.as_bytes()));
        if brand("heic heix heim heis hevc hevx hevm hevs") {
            Some("image/heic")
        } else if brand("mif1 mif2 msf1") {
            Some("image/heif")
        } else {
            None
        }
    } else {
        None
    }
}

/// Judges the first bytes against the types that the caller accepts.
///
/// # Errors
/// `unsupported_media`.
pub fn check_type(start: &[u8], accept: &[String]) -> Result<&'static str, Error> {
    let found = sniff(start).ok_or_else(|| {
        Error::new(
            Code::UnsupportedMedia,
            "the bytes are neither JPEG, PNG, WebP, GIF, HEIC/HEIF nor PDF",
        )
    })?;
    let accepted = |range: &String| match range.strip_suffix("*") {
        Some(prefix) => prefix == "*/" || found.starts_with(prefix),
        None => range == found,
    };
    if accept.is_empty() || accept.iter().any(accepted) {
        return Ok(found);
    }
    Err(Error::new(
        Code::UnsupportedMedia,
        &concat(&["the bytes are ", found, ", which `accept` does not name"]),
    ))
}

/// Reads one item of `accept`: one of [`TYPES`], `image/*` or `*/*`.
///
/// # Errors
/// `invalid_argument`, naming the item.
pub fn media_range(text: &str, name: &str) -> Result<String, Error> {
    let range = text.to_ascii_lowercase();
    let known = parts(TYPES, b", ").any(|known| known == range) && !range.is_empty();
    if known || range == "image/*" || range == "*/*" {
        return Ok(range);
    }
    Err(Error::option(
        name,
        "a media type that evidence may have, image/* or */*",
    ))
}

/// Where a piece of evidence lies: what the caller said, judged.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The link's `rel`, or the last segment of its path.
    pub rel: String,
    /// The address, and whether the bearer goes there.
    pub link: Trusted,
}

/// Finds a link by its `rel` in a record that was retrieved before.
///
/// # Errors
/// `invalid_argument`, `not_found` or `untrusted_link`.
pub fn place_in<J: Json>(
    record: &J,
    rel: &str,
    base: &Address,
    allowed: &[String],
) -> Result<Place, Error> {
    let id = record
        .get("id")
        .text()
        .ok_or_else(|| Error::option("pii.id", "a string"))?;
    let id = link::request_id(&id, "pii.id")?;
    let href = pii::href(record, rel)?;
    Ok(Place {
        rel: rel.to_owned(),
        link: link::evidence(&href, id, base, allowed)?,
    })
}

/// Takes a link that the caller names itself.
///
/// # Errors
/// `invalid_argument` or `untrusted_link`.
pub fn place_at(href: &str, id: &str, base: &Address, allowed: &[String]) -> Result<Place, Error> {
    let id = link::request_id(id, "requestId")?;
    let link = link::evidence(href, id, base, allowed)?;
    let (path, _) = cut(&link.href, b"?");
    let rel = parts(path, b"/").last().unwrap_or_default().to_owned();
    Ok(Place { rel, link })
}

/// `GET` the evidence.
pub fn fetch_evidence(link: &Trusted, accept: &[String]) -> Request {
    let mut request = Request::get(link.href.clone(), link.bearer);
    request.accept.clear();
    for range in accept {
        if !request.accept.is_empty() {
            request.accept.push_str(", ");
        }
        request.accept.push_str(range);
    }
    if accept.is_empty() {
        request.accept.push_str(TYPES);
    }
    request
}

/// The error of a body that goes beyond its limit.
pub fn too_large() -> Error {
    Error::new(Code::TooLarge, "the body is larger than its limit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn types_are_proven_by_magic_bytes() {
        for (bytes, expected) in [
            (
                b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".as_slice(),
                Some("image/jpeg"),
            ),
            (b"\x89PNG\r\n\x1a\n\0\0\0\r", Some("image/png")),
            (b"RIFF\x10\0\0\0WEBPVP8L", Some("image/webp")),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"<!--\x10\0\0\0WEBPVP8L", None),
            (b"GIF87a\x01\0\x01\0", Some("image/gif")),
            (b"GIF89a\x01\0\x01\0", Some("image/gif")),
            (b"GIF88a", None),
            (b"\0\0\0\x18ftypheic", Some("image/heic")),
            (b"\0\0\0\x18ftypmif1", Some("image/heif")),
            (b"\0\0\0\x18ftypavif", None),
            (b"<!--<!--heic", None),
            (b"\0\0\0\x18ftypisom", None),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"<!doctype html>", None),
            (b"  \x89PNG\r\n\x1a\n", None),
            (b"\xff\xd8", None),
            (b"", None),
        ] {
            assert_eq!(sniff(bytes), expected, "{bytes:?}");
            if let Some(found) = expected {
                assert!(TYPES.contains(found));
            }
        }
    }

    #[test]
    fn accept_narrows() {
        let range = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| media_range(text, "accept[0]").unwrap())
                .collect::<Vec<_>>()
        };
        let png = b"\x89PNG\r\n\x1a\n";
        assert_eq!(check_type(png, &[]), Ok("image/png"));
        assert_eq!(check_type(png, &range(&["IMAGE/*"])), Ok("image/png"));
        assert_eq!(check_type(png, &range(&["*/*"])), Ok("image/png"));
        assert_eq!(
            check_type(png, &range(&["image/jpeg", "image/png"])),
            Ok("image/png")
        );
        assert_eq!(
            check_type(png, &range(&["image/jpeg"])).unwrap_err().code,
            Code::UnsupportedMedia
        );
        assert_eq!(
            check_type(b"%PDF-1.4", &range(&["image/*"]))
                .unwrap_err()
                .code,
            Code::UnsupportedMedia
        );
        for bad in ["image/svg+xml", "text/html", "image", "", "image/png;q=1"] {
            assert_eq!(
                media_range(bad, "accept[0]").unwrap_err().message,
                "`accept[0]` must be a media type that evidence may have, image/* or */*"
            );
        }
    }

    #[test]
    fn places() {
        let base = Address::base("https://api.civic.com", "baseUrl").unwrap();
        let front = "https://api.civic.com/partner/piirequest/abc123/evidence/idDocumentFront";
        let record =
            Some(json!({"id": "abc123", "links": [{"rel": "idDocumentFront", "href": front}]}));
        let place = place_in(&record, "idDocumentFront", &base, &[]).unwrap();
        assert_eq!(place, place_at(front, "abc123", &base, &[]).unwrap());
        assert_eq!(
            place_at(front, "abc124", &base, &[]).unwrap_err().code,
            Code::UntrustedLink
        );
        assert_eq!(
            place_at(front, "a/b", &base, &[]).unwrap_err().code,
            Code::InvalidArgument
        );
        assert_eq!(
            place_in(&Some(json!({"links": []})), "x", &base, &[])
                .unwrap_err()
                .message,
            "`pii.id` must be a string"
        );
        let request = fetch_evidence(&place.link, &[]);
        assert!(request.bearer && request.accept.contains("image/heic"));
        // Asked for is what the caller takes, and nothing else.
        assert_eq!(request.accept, TYPES);
        let two = ["image/png".to_owned(), "application/pdf".to_owned()];
        let asked = fetch_evidence(&place.link, &two).accept;
        assert_eq!(asked, "image/png, application/pdf");
        let asked = fetch_evidence(&place.link, &two[..1]).accept;
        assert_eq!(asked, "image/png");
    }

    proptest! {
        #[test]
        fn markup_is_never_evidence(space in "[ \t\r\n]{0,4}", tag in "<[!?a-z/][a-z]{0,8}", rest in "\\PC{0,40}") {
            prop_assert_eq!(sniff([space, tag, rest].concat().as_bytes()), None);
        }

        #[test]
        fn the_signature_alone_decides(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let start = &bytes[..bytes.len().min(SIGNATURE_LENGTH)];
            prop_assert_eq!(sniff(&bytes), sniff(start));
        }
    }
}
