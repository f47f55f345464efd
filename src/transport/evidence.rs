//! `fetch_evidence`: the images and documents of a request.

use super::call::{Given, make_for_bytes, unforeseen};
use super::options::ApiOptions;
use super::pii::Pii;
use crate::call::Judge;
use crate::error::{Error, concat, digits};
use crate::evidence::{self, DEFAULT_MAX_BYTES, media_range, place_at, place_in};
use crate::link::origin;
use crate::pii::CIVIC;
use std::fmt;

/// Which piece of evidence.
#[derive(Clone, Copy)]
pub enum EvidenceLink<'a> {
    /// By the `rel` of a record's link, like `idDocumentFront`.
    Rel {
        /// The record.
        pii: &'a Pii,
        /// The name of the link.
        rel: &'a str,
    },
    /// By its address, which must lie below `/evidence/` of that request.
    Href {
        /// The address.
        href: &'a str,
        /// The request's id.
        request_id: &'a str,
    },
}

/// What is accepted as evidence.
#[derive(Clone, Debug)]
pub struct FetchEvidenceOptions {
    /// The most bytes, whatever `content-length` says: 1 or more; 20 MiB.
    pub max_bytes: u32,
    /// Further origins that evidence may come from; the token does not go there.
    pub allow_origins: Vec<String>,
    /// The types that are accepted, like `image/jpeg` or `image/*`; all that evidence may have, where there are none.
    pub accept: Vec<String>,
}

impl Default for FetchEvidenceOptions {
    fn default() -> Self {
        Self {
            max_bytes: DEFAULT_MAX_BYTES,
            allow_origins: Vec::new(),
            accept: Vec::new(),
        }
    }
}

/// A piece of evidence.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The name of its link, or the last segment of its address.
    pub rel: String,
    /// All of it, in this module's memory. To pass evidence through a Worker, take the package for JavaScript, where it stays in
    /// the platform's streams.
    pub bytes: Vec<u8>,
    /// What its first bytes prove: JPEG, PNG, WebP, GIF, HEIC, HEIF or PDF.
    pub content_type: &'static str,
    /// What the answer declared, for the record: it is not believed.
    pub declared_type: String,
}

/// Without the bytes.
impl fmt::Debug for Evidence {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Evidence")
            .field("rel", &self.rel)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// Fetches a piece of evidence.
///
/// # Errors
/// `invalid_argument`, `not_found` (the record has no such link) and `untrusted_link` before anything is sent; `too_large`,
/// and `unsupported_media` where its bytes are of no accepted type; what [every call](super#errors) can fail with.
pub async fn fetch_evidence(
    link: EvidenceLink<'_>,
    options: &FetchEvidenceOptions,
    api: &ApiOptions,
) -> Result<Evidence, Error> {
    let base = api.base(CIVIC)?;
    if options.max_bytes == 0 {
        let expected = "a whole number from 1 to 4294967295";
        return Err(Error::option("maxBytes", expected));
    }
    let allowed = each(&options.allow_origins, "allowOrigins", origin)?;
    let accept = each(&options.accept, "accept", media_range)?;
    let place = match link {
        EvidenceLink::Rel { pii, rel } => place_in(pii.as_js(), rel, &base, &allowed)?,
        EvidenceLink::Href { href, request_id } => place_at(href, request_id, &base, &allowed)?,
    };
    let request = evidence::fetch_evidence(&place.link, &accept);
    let judge = Judge::Evidence { accept };
    let (token, most) = (api.token.as_ref(), options.max_bytes);
    match make_for_bytes(request, judge, token, api.call, most).await? {
        Given::Evidence(read) => Ok(Evidence {
            rel: place.rel,
            bytes: read.bytes,
            content_type: read.content_type,
            declared_type: read.declared_type,
        }),
        _ => Err(unforeseen()),
    }
}

/// The texts of a list, each judged and named by its place.
fn each(
    list: &[String],
    name: &str,
    judge: fn(&str, &str) -> Result<String, Error>,
) -> Result<Vec<String>, Error> {
    list.iter()
        .zip(0..)
        .map(|(text, index)| judge(text, &concat(&[name, "[", &digits(index), "]"])))
        .collect()
}
