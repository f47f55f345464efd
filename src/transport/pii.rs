//! `retrieve_pii` and `screen_pii`.

use super::answer::Answer;
use super::call::{Given, make, unforeseen};
use super::clock::now;
use super::options::ApiOptions;
use crate::call::Judge;
use crate::error::Error;
use crate::json::Json;
use crate::link::request_id;
use crate::pii::{self, CIVIC};
use crate::screening::{self, Date, Finding, Policy, Record};
use std::ops::Deref;

/// A request in partner review: `{ id, type, status, links: [{ rel, href }], verifiedInformation?, … }`.
#[derive(Clone, Debug)]
pub struct Pii(Answer);

impl Pii {
    /// The request's id: the one that was asked for.
    pub fn id(&self) -> String {
        self.0.text("id")
    }

    /// The kind of pass that is asked for, like `gatekeeperProofOfIdentityWithIdDocument-v3`.
    pub fn kind(&self) -> String {
        self.0.text("type")
    }

    /// Where it stands: `verification-success`, `partner-pass`, `partner-fail`, or what nobody knows yet.
    pub fn status(&self) -> String {
        self.0.text("status")
    }

    /// The `rel` of each link: `self`, and a name for each piece of evidence.
    pub fn rels(&self) -> Vec<String> {
        let links = self.as_js().get("links");
        (0..links.count())
            .filter_map(|index| links.at(index).get("rel").text())
            .collect()
    }
}

/// With all that it holds beside what is named here: [`Answer::deserialize`], [`Answer::as_js`].
impl Deref for Pii {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

/// Retrieves the personal data of a request ("2. Retrieve PII" of Civic's text).
///
/// # Errors
/// `invalid_argument` before anything is sent; `bad_response` where the answer is no record, or another one's; what
/// [every call](super#errors) can fail with.
pub async fn retrieve_pii(id: &str, api: &ApiOptions) -> Result<Pii, Error> {
    request_id(id, "requestId")?;
    let request = pii::retrieve_pii(&api.base(CIVIC)?, id);
    let judge = Judge::Record { id: id.to_owned() };
    match make(request, judge, "", api.token.as_ref(), api.call).await? {
        Given::Answer(record) => Ok(Pii(Answer::new(record))),
        _ => Err(unforeseen()),
    }
}

/// Compares a record with a policy, as of a day, or of today in UTC. Pure: nothing is sent.
///
/// # Errors
/// `invalid_argument`, naming what in the policy or the record cannot be understood.
pub fn screen_pii(pii: &Pii, policy: &Policy, day: Option<Date>) -> Result<Vec<Finding>, Error> {
    policy
        .check()
        .map_err(|error| Error::option(&error.path, error.expected))?;
    let record = Record::of(pii.as_js())?;
    let day = day
        .or_else(|| Date::from_epoch_ms(now()))
        .ok_or_else(|| Error::option("now", "a day"))?;
    Ok(screening::screen(&record, policy, day))
}
