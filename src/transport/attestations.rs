//! `list_attestations`, `search_attestations` and `each_attestation`: globaliD's public verifications.

use super::answer::Answer;
use super::call::{Given, make, unforeseen};
use super::options::ApiOptions;
use super::task::Task;
use crate::attestation::{self, DEFAULT_PER_PAGE, GLOBALID, check_page};
pub use crate::attestation::{Meta, Op, Where};
use crate::call::Judge;
use crate::error::Error;
use crate::json::Json;
use crate::walk::{Next, Walk};
use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::ops::Deref;
use std::task::{Context, Poll};
use wasm_bindgen::JsValue;

/// One verification: `{ uuid, type?, attestee?, attestor?, public_data?, … }`.
#[derive(Clone, Debug)]
pub struct Attestation(Answer);

impl Attestation {
    /// What tells it from all others.
    pub fn uuid(&self) -> String {
        self.0.text("uuid")
    }
}

/// With all that it holds beside what is named here: [`Answer::deserialize`], [`Answer::as_js`].
impl Deref for Attestation {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

fn list(value: &JsValue) -> Vec<Attestation> {
    (0..value.count())
        .map(|index| Attestation(Answer::new(value.at(index))))
        .collect()
}

/// Lists the verifications of the token's own identity ("Retrieving the Verifications for an Identity" of globaliD's text), or
/// those of them that match.
///
/// # Errors
/// `invalid_argument` where there is no token; what [every call](super#errors) can fail with.
pub async fn list_attestations(
    filter: Option<&Where>,
    api: &ApiOptions,
) -> Result<Vec<Attestation>, Error> {
    if api.token.is_none() {
        return Err(Error::option("token", "given"));
    }
    let request = attestation::list_attestations(&api.base(GLOBALID)?, filter);
    match make(request, Judge::List, "", api.token.as_ref(), api.call).await? {
        Given::Answer(found) => Ok(list(&found)),
        _ => Err(unforeseen()),
    }
}

/// One page of a search.
#[derive(Clone, Debug)]
pub struct SearchAttestationsOptions {
    /// What they must match; all of them, where there is none.
    pub filter: Option<Where>,
    /// The page's number, from 1; 1.
    pub page: u32,
    /// How many records it has: 1 to 10,000; 50.
    pub per_page: u32,
}

impl Default for SearchAttestationsOptions {
    fn default() -> Self {
        Self {
            filter: None,
            page: 1,
            per_page: DEFAULT_PER_PAGE,
        }
    }
}

/// What a search found: `{ data, meta, … }`.
#[derive(Clone, Debug)]
pub struct AttestationPage {
    answer: Answer,
    meta: Meta,
}

impl AttestationPage {
    /// The records of this page.
    pub fn data(&self) -> Vec<Attestation> {
        list(&self.as_js().get("data"))
    }

    /// The page's number and size, as the server sees them, and how many records there are on all pages.
    pub const fn meta(&self) -> Meta {
        self.meta
    }
}

/// As it came: [`Answer::deserialize`], [`Answer::as_js`].
impl Deref for AttestationPage {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

/// Searches the public verifications of everyone ("Searching the Public Verification Database" of globaliD's text). No token is
/// needed.
///
/// # Errors
/// `invalid_argument` before anything is sent; what [every call](super#errors) can fail with.
pub async fn search_attestations(
    options: &SearchAttestationsOptions,
    api: &ApiOptions,
) -> Result<AttestationPage, Error> {
    search(options, api, None).await
}

async fn search(
    options: &SearchAttestationsOptions,
    api: &ApiOptions,
    wanted: Option<u32>,
) -> Result<AttestationPage, Error> {
    let base = api.base(GLOBALID)?;
    if options.page == 0 {
        return Err(Error::option("page", "a whole number from 1 to 4294967295"));
    }
    check_per_page(options.per_page)?;
    let filter = options.filter.as_ref();
    let request = attestation::search_attestations(&base, filter, options.page, options.per_page);
    let judge = Judge::Page { wanted };
    match make(request, judge, "", api.token.as_ref(), api.call).await? {
        Given::Answer(page) => Ok(AttestationPage {
            meta: check_page(&page)?,
            answer: Answer::new(page),
        }),
        _ => Err(unforeseen()),
    }
}

fn check_per_page(per_page: u32) -> Result<(), Error> {
    if (1..=10_000).contains(&per_page) {
        return Ok(());
    }
    Err(Error::option("perPage", "a whole number from 1 to 10000"))
}

/// All pages of a search.
#[derive(Clone, Debug)]
pub struct EachAttestationOptions {
    /// What they must match; all of them, where there is none.
    pub filter: Option<Where>,
    /// How many records a page has: 1 to 10,000; 50.
    pub per_page: u32,
    /// How many pages are on their way or wait at a time: 1 to 64; 4.
    pub concurrency: u32,
    /// The most records that are given; all, where there is none.
    pub limit: Option<u32>,
}

impl Default for EachAttestationOptions {
    fn default() -> Self {
        Self {
            filter: None,
            per_page: DEFAULT_PER_PAGE,
            concurrency: 4,
            limit: None,
        }
    }
}

/// Begins to walk over all pages of a search. Nothing is sent before [`AttestationWalk::next`].
///
/// # Errors
/// `invalid_argument`
pub fn each_attestation(
    options: EachAttestationOptions,
    api: ApiOptions,
) -> Result<AttestationWalk, Error> {
    check_per_page(options.per_page)?;
    if !(1..=64).contains(&options.concurrency) {
        return Err(Error::option("concurrency", "a whole number from 1 to 64"));
    }
    Ok(AttestationWalk {
        walk: Walk::new(options.per_page, options.concurrency),
        left: options.limit.unwrap_or(u32::MAX),
        options,
        api,
        reads: Vec::new(),
        seen: HashSet::new(),
        ready: VecDeque::new(),
    })
}

/// A walk over all pages: each record once, though records come and go meanwhile. Pages are fetched ahead; what is on its way
/// is torn down where the walk is dropped.
pub struct AttestationWalk {
    walk: Walk,
    options: EachAttestationOptions,
    api: ApiOptions,
    /// How many records are still wanted.
    left: u32,
    /// What was asked for, and not yet given.
    reads: Vec<Read>,
    /// Which records were given.
    seen: HashSet<String>,
    /// What comes next.
    ready: VecDeque<Attestation>,
}

/// One reading of a page.
struct Read {
    number: u32,
    page: Page,
}

enum Page {
    OnItsWay(Task<Result<AttestationPage, Error>>),
    Here(Vec<Attestation>),
    Failed(Error),
}

impl AttestationWalk {
    /// The next record that was not given before; `None` at the end.
    ///
    /// # Errors
    /// What a page failed with, as [`search_attestations`]. The walk is over then.
    pub async fn next(&mut self) -> Result<Option<Attestation>, Error> {
        loop {
            if self.left == 0 {
                self.stop();
                return Ok(None);
            }
            if let Some(next) = self.ready.pop_front() {
                self.left -= 1;
                return Ok(Some(next));
            }
            if let Err(error) = self.turn().await {
                self.left = 0;
                self.stop();
                return Err(error);
            }
        }
    }

    /// Notes what came, asks for more, and does what the core says then.
    async fn turn(&mut self) -> Result<(), Error> {
        poll_fn(|context| {
            self.note(context);
            Poll::Ready(())
        })
        .await;
        while let Some((read, page)) = self.walk.ask(self.left) {
            self.fetch(read, page);
        }
        match self.walk.step() {
            Next::Deliver(read) => self.deliver(read),
            Next::Wait => self.arrival().await?,
            Next::Ask => {}
            Next::End => self.left = 0,
        }
        Ok(())
    }

    /// Sends for a page.
    fn fetch(&mut self, read: u32, page: u32) {
        let options = SearchAttestationsOptions {
            filter: self.options.filter.clone(),
            page,
            per_page: self.options.per_page,
        };
        let api = self.api.clone();
        let work = async move { search(&options, &api, Some(page)).await };
        // What came before of a page that is asked for once more is not to be delivered.
        self.reads.retain(|before| before.number != read);
        self.reads.push(Read {
            number: read,
            page: Page::OnItsWay(Task::begin(work)),
        });
    }

    /// Waits for the next arrival; fails where the page that is to be delivered next has.
    async fn arrival(&mut self) -> Result<(), Error> {
        self.awaited()?;
        poll_fn(|context| {
            if self.note(context) {
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
        self.awaited()
    }

    /// Tells the core of each page that came; whether there is any.
    fn note(&mut self, context: &Context<'_>) -> bool {
        let mut any = false;
        for read in &mut self.reads {
            let Page::OnItsWay(task) = &read.page else {
                continue;
            };
            let Poll::Ready(page) = task.poll(context) else {
                continue;
            };
            any = true;
            read.page = match page {
                Ok(page) => {
                    let data = page.data();
                    let records = u32::try_from(data.len()).unwrap_or(u32::MAX);
                    let Meta {
                        total, per_page, ..
                    } = page.meta();
                    self.walk.arrived(read.number, records, total, per_page);
                    Page::Here(data)
                }
                Err(error) => Page::Failed(error),
            };
        }
        any
    }

    fn awaited(&self) -> Result<(), Error> {
        let awaited = self.walk.awaited();
        let failed = |read: &Read| match &read.page {
            Page::Failed(error) if Some(read.number) == awaited => Some(error.clone()),
            _ => None,
        };
        self.reads.iter().find_map(failed).map_or(Ok(()), Err)
    }

    /// Keeps the records of a page that were not given before.
    fn deliver(&mut self, number: u32) {
        let Some(place) = self.reads.iter().position(|read| read.number == number) else {
            return;
        };
        if let Page::Here(data) = self.reads.swap_remove(place).page {
            let seen = &mut self.seen;
            let fresh = data.into_iter().filter(|record| seen.insert(record.uuid()));
            self.ready.extend(fresh);
        }
    }

    /// Tears down what is on its way.
    fn stop(&mut self) {
        self.walk.stop();
        self.reads.clear();
        self.ready.clear();
    }
}
