//! One call, from its first attempt to its end: what is sent next, and what an answer or a failure means for it.
//!
//! It holds no clock and no connection. It is told what came, and says what to do: send this, try again after so
//! long, give up. All operations that send something go through here, so that no promise about retries, renewed
//! tokens or verdicts depends on which of them it is.

use crate::attestation::{check_list, check_page};
use crate::decision::{self, Outcome, Verdict};
use crate::error::{Code, Error};
use crate::evidence::check_type;
use crate::json::Json;
use crate::pii;
use crate::request::Request;
use crate::response::{refusal, request_id, upstream_code};
use crate::retry::{self, Hints};
use crate::token::{self, AccessToken};

/// What judges the answers of a call.
#[derive(Debug)]
pub enum Judge {
    /// A record of this id.
    Record {
        /// The id that was asked for.
        id: String,
    },
    /// A decision, which reads the record first.
    Decision {
        /// The id of the request that is decided.
        id: String,
        /// What was decided.
        verdict: Verdict,
        /// What tells it.
        write: Request,
        /// How far the attempt has come.
        stage: Stage,
    },
    /// A list of attestations.
    List,
    /// A page of a search, which must be this one where one is named.
    Page {
        /// Its number: a server that does not page would be walked for ever.
        wanted: Option<u32>,
    },
    /// An access token.
    Token,
    /// Evidence of these types.
    Evidence {
        /// Media ranges; any type that evidence may have, where there are none.
        accept: Vec<String>,
    },
}

/// How far one attempt at a decision has come.
#[derive(Debug)]
pub enum Stage {
    /// The record is read, to see what stands.
    Read,
    /// Nothing stood: the verdict is sent.
    Write,
    /// Somebody was quicker, says this refusal: the record is read again to see who.
    Reread(Error),
}

/// What to do after an answer.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Send what [`Call::request`] says.
    Send,
    /// The answer itself is the result.
    Answer,
    /// The decision ended so.
    Decided(Outcome),
    /// This token is the result.
    Token(Box<AccessToken>),
}

/// What to do after a failed attempt.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Try again after this many milliseconds.
    Wait(f64),
    /// Get a new token, and if there is one try again at once.
    Renew,
    /// The new token was refused as well: it must not be kept, and the call fails.
    Discard,
    /// Tell the caller.
    GiveUp,
}

/// What an answer that is not 2xx says.
pub struct Refusal<'a, J> {
    /// Its status.
    pub status: u16,
    /// Its body, if that could be read as JSON.
    pub body: &'a J,
    /// When to try again.
    pub hints: Hints<'a>,
    /// Upstream's id of the request.
    pub request_id: Option<&'a str>,
    /// The token that was sent, which nothing may echo.
    pub token: &'a str,
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// What every attempt begins with.
    first: Request,
    judge: Judge,
    /// What beside the token nothing may echo.
    secret: String,
    most_retries: u32,
    retries: u32,
    renewed: bool,
}

impl Call {
    /// Stands before the first attempt.
    pub fn new(first: Request, judge: Judge, secret: String, most_retries: u32) -> Self {
        Self {
            first,
            judge,
            secret,
            most_retries,
            retries: 0,
            renewed: false,
        }
    }

    /// Begins an attempt: whatever the last one came to, it is not relied on.
    pub fn attempt(&mut self) {
        if let Judge::Decision { stage, .. } = &mut self.judge {
            *stage = Stage::Read;
        }
    }

    /// What is to be sent now.
    pub fn request(&self) -> &Request {
        match &self.judge {
            Judge::Decision {
                write,
                stage: Stage::Write,
                ..
            } => write,
            _ => &self.first,
        }
    }

    /// Judges an answer of 2xx. What a decision's own answer says is not JSON's to tell: it may be absent.
    ///
    /// # Errors
    /// `bad_response`, `conflict`
    pub fn accept<J: Json>(
        &mut self,
        status: u16,
        answer: &J,
        content_type: Option<&str>,
        now_ms: f64,
    ) -> Result<Step, Error> {
        match &mut self.judge {
            Judge::Record { id } => pii::check(answer, id)?,
            Judge::Decision {
                stage: Stage::Write,
                ..
            } => return Ok(Step::Decided(Outcome::of(status, content_type)?)),
            Judge::Decision {
                id, verdict, stage, ..
            } => {
                pii::check(answer, id)?;
                let shown = answer.get("status").text().unwrap_or_default();
                if decision::before(&shown, *verdict)? == decision::Step::Done {
                    return Ok(Step::Decided(Outcome::AlreadyApplied));
                }
                return match std::mem::replace(stage, Stage::Write) {
                    Stage::Reread(refusal) => Err(refusal),
                    _ => Ok(Step::Send),
                };
            }
            Judge::List => check_list(answer)?,
            Judge::Page { wanted } => {
                let found = check_page(answer)?.page;
                if wanted.is_some_and(|wanted| (found - f64::from(wanted)).abs() > 0.0) {
                    return Err(Error::field("meta.page", "the page that was asked for"));
                }
            }
            Judge::Token => return Ok(Step::Token(Box::new(token::accept(answer, now_ms)?))),
            Judge::Evidence { .. } => {}
        }
        Ok(Step::Answer)
    }

    /// Judges the first bytes of evidence.
    ///
    /// # Errors
    /// `unsupported_media`
    pub fn sniff(&self, start: &[u8]) -> Result<&'static str, Error> {
        match &self.judge {
            Judge::Evidence { accept } => check_type(start, accept),
            _ => check_type(start, &[]),
        }
    }

    /// Judges an answer that is not 2xx.
    ///
    /// # Errors
    /// What its status stands for.
    #[inline(never)]
    pub fn refuse<J: Json>(&mut self, answer: &Refusal<'_, J>, now_ms: f64) -> Result<Step, Error> {
        let secrets = [answer.token, &self.secret];
        let mut error = refusal(answer.status, answer.hints, now_ms);
        error.request_id = answer.request_id.and_then(|id| request_id(id, &secrets));
        error.upstream_code = upstream_code(answer.body, &secrets);
        if let Judge::Decision { stage, .. } = &mut self.judge
            && matches!(stage, Stage::Write)
            && error.code == Code::Conflict
        {
            *stage = Stage::Reread(error);
            return Ok(Step::Send);
        }
        Err(error)
    }

    /// What comes after a failed attempt. `answered` tells whether upstream itself said so.
    pub fn next(
        &mut self,
        code: Code,
        answered: bool,
        retryable: bool,
        requested_ms: Option<f64>,
        random: f64,
    ) -> Next {
        // A token can end before its time (revoked, or a clock that is off): one more try with a new one, whatever
        // the number of retries. If that is refused, too, it must not be kept either.
        if code == Code::Unauthorized && answered {
            if std::mem::replace(&mut self.renewed, true) {
                return Next::Discard;
            }
            return Next::Renew;
        }
        match retry::next(
            retryable,
            self.retries,
            self.most_retries,
            requested_ms,
            random,
        ) {
            retry::Next::GiveUp => Next::GiveUp,
            retry::Next::Wait(ms) => {
                self.retries += 1;
                Next::Wait(ms)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unnecessary_wraps, reason = "an answer may be absent")]

    use super::*;
    use crate::link::Address;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// An answer as the core looks at it.
    type Seen = Option<Value>;

    fn call(judge: Judge, most_retries: u32) -> Call {
        let first = Request::get("https://api.civic.com/first".into(), true);
        Call::new(first, judge, "s3cret".into(), most_retries)
    }

    fn decision(verdict: Verdict) -> Call {
        let base = Address::base("https://api.civic.com", "baseUrl").unwrap();
        let judge = Judge::Decision {
            id: "r1".into(),
            verdict,
            write: decision::submit_decision(&base, "r1", verdict),
            stage: Stage::Read,
        };
        call(judge, 2)
    }

    fn record(status: &str) -> Seen {
        Some(json!({"id": "r1", "type": "t", "status": status, "links": []}))
    }

    fn refusal_of(status: u16) -> Refusal<'static, Option<Value>> {
        Refusal {
            status,
            body: &None,
            hints: Hints::default(),
            request_id: None,
            token: "tok",
        }
    }

    #[test]
    fn an_answer_is_judged_by_what_was_asked_for() {
        let accept = |judge, answer: Value| call(judge, 0).accept(200, &Some(answer), None, 0.0);
        let record = json!({"id": "r1", "type": "t", "status": "s", "links": []});
        let named = |id: &str| Judge::Record { id: id.into() };
        assert_eq!(accept(named("r1"), record.clone()), Ok(Step::Answer));
        assert_eq!(
            accept(named("r2"), record).unwrap_err().code,
            Code::BadResponse
        );
        let page = json!({"data": [], "meta": {"page": 2, "per_page": 50, "total": 0}});
        let wanted = |wanted| Judge::Page { wanted };
        assert_eq!(accept(wanted(None), page.clone()), Ok(Step::Answer));
        assert_eq!(accept(wanted(Some(2)), page.clone()), Ok(Step::Answer));
        let other = accept(wanted(Some(3)), page).unwrap_err();
        assert!(other.message.contains("meta.page"), "{}", other.message);
        assert_eq!(accept(Judge::List, json!([])), Ok(Step::Answer));
        assert!(accept(Judge::List, json!({})).is_err());
        let token = json!({"access_token": "t", "expires_in": 60});
        assert!(matches!(
            accept(Judge::Token, token),
            Ok(Step::Token(token)) if token.expires_at == 60_000.0
        ));
    }

    #[test]
    fn only_evidence_is_sniffed_against_its_types() {
        let accept = vec!["image/jpeg".to_owned()];
        let png = b"\x89PNG\r\n\x1a\n";
        assert!(call(Judge::Evidence { accept }, 0).sniff(png).is_err());
        let any = Judge::Evidence { accept: vec![] };
        assert_eq!(call(any, 0).sniff(png), Ok("image/png"));
    }

    #[test]
    fn a_refusal_echoes_no_secret() {
        for secret in ["s3cret", "tok-en"] {
            let refusal = Refusal {
                body: &Some(json!({"error": secret})),
                request_id: Some(secret),
                token: "tok-en",
                ..refusal_of(400)
            };
            let error = call(Judge::List, 0).refuse(&refusal, 0.0).unwrap_err();
            assert_eq!((&error.upstream_code, &error.request_id), (&None, &None));
        }
    }

    #[test]
    fn a_refusal_tells_upstreams_own_code_and_id() {
        let refusal = Refusal {
            body: &Some(json!({"error": "access_denied"})),
            request_id: Some("req-1"),
            ..refusal_of(403)
        };
        let error = call(Judge::List, 0).refuse(&refusal, 0.0).unwrap_err();
        assert_eq!(error.upstream_code.as_deref(), Some("access_denied"));
        assert_eq!(error.request_id.as_deref(), Some("req-1"));
    }

    #[test]
    fn a_call_is_tried_again_as_often_as_it_may_be_and_a_new_token_counts_for_none() {
        for most in 0..4 {
            let mut call = call(Judge::List, most);
            let mut late = || call.next(Code::Timeout, false, true, None, 0.5);
            for _ in 0..most {
                assert!(matches!(late(), Next::Wait(_)));
            }
            assert_eq!(late(), Next::GiveUp);
            let renewed = call.next(Code::Unauthorized, true, false, None, 0.5);
            assert_eq!(renewed, Next::Renew);
        }
    }

    #[test]
    fn a_401_renews_once_whatever_the_retries_and_the_second_lets_the_token_go() {
        let mut call = call(Judge::List, 0);
        let mut refused = |answered| call.next(Code::Unauthorized, answered, false, None, 0.5);
        // The caller's own function failed: upstream has not spoken.
        assert_eq!(refused(false), Next::GiveUp);
        assert_eq!(refused(true), Next::Renew);
        assert_eq!(refused(true), Next::Discard);
        assert_eq!(refused(true), Next::Discard);
    }

    #[test]
    fn a_verdict_is_sent_after_a_look_and_only_where_nothing_stands() {
        for (shown, expected) in [
            ("verification-success", Step::Send),
            ("partner-pass", Step::Decided(Outcome::AlreadyApplied)),
        ] {
            let mut call = decision(Verdict::Pass);
            assert_eq!(call.request().method, "GET");
            assert_eq!(call.accept(200, &record(shown), None, 0.0), Ok(expected));
        }
        let mut call = decision(Verdict::Pass);
        let refused = call.accept(200, &record("partner-fail"), None, 0.0);
        assert_eq!(refused.unwrap_err().code, Code::Conflict);
        assert_eq!(call.request().method, "GET", "nothing is overwritten");
    }

    #[test]
    fn a_conflict_is_looked_into() {
        for (shown, expected) in [
            ("partner-pass", Ok(Step::Decided(Outcome::AlreadyApplied))),
            ("partner-fail", Err("the other verdict")),
            // Undecided all the same: what upstream said counts.
            ("verification-success", Err("the request is in no state")),
        ] {
            let mut call = decision(Verdict::Pass);
            call.accept(200, &record("s"), None, 0.0).unwrap();
            assert_eq!(call.request().method, "PUT");
            assert_eq!(call.refuse(&refusal_of(409), 0.0), Ok(Step::Send));
            assert_eq!(call.request().method, "GET");
            let end = call.accept(200, &record(shown), None, 0.0);
            match expected {
                Ok(step) => assert_eq!(end, Ok(step)),
                Err(says) => {
                    let error = end.unwrap_err();
                    assert_eq!(error.code, Code::Conflict);
                    assert!(error.message.starts_with(says), "{}", error.message);
                }
            }
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Came {
        Shown(&'static str),
        Status(u16),
        Nothing,
    }

    proptest! {
        /// Whatever comes, in whatever order: no verdict leaves that was not preceded, in its own attempt, by a look that showed
        /// nothing decided; and no call is tried more often than it may be.
        #[test]
        fn no_path_sends_a_verdict_blindly(
            came in prop::collection::vec(prop_oneof![
                prop::sample::select(vec!["verification-success", "partner-pass", "partner-fail"]).prop_map(Came::Shown),
                prop::sample::select(vec![200_u16, 202, 409, 500, 503, 401, 404]).prop_map(Came::Status),
                Just(Came::Nothing),
            ], 1..40),
        ) {
            let mut call = decision(Verdict::Fail);
            let (mut looked, mut attempts) = (false, 1);
            for came in came {
                let writing = call.request().method == "PUT";
                prop_assert!(!writing || looked, "sent without a look");
                let step = match came {
                    Came::Shown(status) if !writing => {
                        looked = status == "verification-success";
                        call.accept(200, &record(status), None, 0.0)
                    }
                    Came::Status(status @ (200 | 202)) if writing => call.accept(status, &None, None, 0.0),
                    Came::Shown(_) | Came::Status(200 | 202) => call.accept(200, &None, None, 0.0),
                    Came::Status(status) => call.refuse(&refusal_of(status), 0.0),
                    Came::Nothing => Err(Error::new(Code::Timeout, "late").retryable()),
                };
                let error = match step {
                    Ok(Step::Send) => {
                        // A further look within the attempt says nothing about a further verdict.
                        looked &= call.request().method == "PUT";
                        continue;
                    }
                    Ok(_) => return Ok(()),
                    Err(error) => error,
                };
                match call.next(error.code, error.status.is_some(), error.retryable, error.retry_after_ms, 0.5) {
                    Next::Wait(_) | Next::Renew => {
                        call.attempt();
                        attempts += 1;
                        looked = false;
                        prop_assert_eq!(call.request().method, "GET");
                    }
                    Next::GiveUp | Next::Discard => return Ok(()),
                }
            }
            prop_assert!(attempts <= 4, "two retries, and one for the token");
        }
    }
}
