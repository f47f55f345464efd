//! `submitDecision`: one verdict, told once, never contradicted.
//!
//! Nobody has written down what a repeated PUT does or whether Civic lets a verdict be overwritten, so the
//! client never leaves it to chance: each try reads the status first and sends only where nothing is decided.
//! That also settles what an earlier try with an ambiguous end (time-out, reset, 5xx) came to.

use crate::error::{Code, Error, concat};
use crate::link::Address;
use crate::request::{JSON, Request};

/// What the reviewers decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `partner-pass`
    Pass,
    /// `partner-fail`
    Fail,
}

impl Verdict {
    /// Reads a status as a verdict: "Civic expects a status of either partner-pass or partner-fail".
    pub fn parse(status: &str) -> Option<Self> {
        match status {
            "partner-pass" => Some(Self::Pass),
            "partner-fail" => Some(Self::Fail),
            _ => None,
        }
    }

    /// As Civic spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "partner-pass",
            Self::Fail => "partner-fail",
        }
    }
}

/// How a decision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Upstream took it now.
    Applied,
    /// The request showed this verdict before anything was sent.
    AlreadyApplied,
    /// A desk took it and will deliver it (status 202).
    Queued,
}

impl Outcome {
    /// As the receipt spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AlreadyApplied => "already-applied",
            Self::Queued => "queued",
        }
    }

    /// What a successful PUT means. Its body is unknown, so the status alone counts; but a web page comes from
    /// something that stands in the way, and does not know what was decided.
    ///
    /// # Errors
    /// `bad_response`
    pub fn of(status: u16, content_type: Option<&str>) -> Result<Self, Error> {
        const PAGE: &str = "text/html";
        let page = |declared: &str| {
            let start = declared.trim_ascii_start().get(..PAGE.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(PAGE))
        };
        if content_type.is_some_and(page) {
            return Err(Error::new(
                Code::BadResponse,
                "the answer to the decision is a web page",
            ));
        }
        Ok(if status == 202 {
            Self::Queued
        } else {
            Self::Applied
        })
    }
}

/// What the status that a request shows asks for.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Nothing is decided: send the verdict.
    Send,
    /// It stands already.
    Done,
}

/// Judges the status that a request shows before a verdict is sent.
///
/// # Errors
/// `conflict`, if the other verdict stands.
pub fn before(shown: &str, wanted: Verdict) -> Result<Step, Error> {
    match Verdict::parse(shown) {
        None => Ok(Step::Send),
        Some(verdict) if verdict == wanted => Ok(Step::Done),
        Some(_) => Err(Error::new(
            Code::Conflict,
            "the other verdict stands already; it was not overwritten",
        )),
    }
}

/// `PUT {base}/partner/piirequest/{id}/status`
pub fn submit_decision(base: &Address, id: &str, verdict: Verdict) -> Request {
    let url = concat(&[&base.href(), "/partner/piirequest/", id, "/status"]);
    let body = concat(&["{\"status\":\"", verdict.as_str(), "\"}"]);
    Request::get(url, true).with_body("PUT", JSON, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_the_texts_own() {
        let base = Address::base("https://api.civic.com/", "baseUrl").unwrap();
        let request = submit_decision(&base, "abc123", Verdict::Pass);
        assert_eq!(request.method, "PUT");
        assert_eq!(
            request.url,
            "https://api.civic.com/partner/piirequest/abc123/status"
        );
        assert_eq!(
            request.body,
            Some((JSON, "{\"status\":\"partner-pass\"}".to_owned()))
        );
    }

    #[test]
    fn only_an_undecided_request_is_sent_to() {
        for status in [
            "awaiting-user",
            "user-acknowledged",
            "verification-success",
            "verification-failed",
            "user-cancelled",
            "tomorrow",
            "",
        ] {
            assert_eq!(before(status, Verdict::Pass), Ok(Step::Send), "{status}");
        }
        assert_eq!(before("partner-pass", Verdict::Pass), Ok(Step::Done));
        assert_eq!(before("partner-fail", Verdict::Fail), Ok(Step::Done));
        assert_eq!(
            before("partner-fail", Verdict::Pass).unwrap_err().code,
            Code::Conflict
        );
        assert_eq!(
            before("partner-pass", Verdict::Fail).unwrap_err().code,
            Code::Conflict
        );
    }

    #[test]
    fn a_desk_queues() {
        assert_eq!(Outcome::of(200, None), Ok(Outcome::Applied));
        assert_eq!(
            Outcome::of(204, Some("application/json")),
            Ok(Outcome::Applied)
        );
        assert_eq!(Outcome::of(202, None), Ok(Outcome::Queued));
        for page in ["text/html", " Text/HTML; charset=utf-8"] {
            assert_eq!(
                Outcome::of(200, Some(page)).unwrap_err().code,
                Code::BadResponse
            );
        }
    }
}
