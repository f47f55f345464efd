//! `listAttestations`, `searchAttestations` and the walk of `eachAttestation`.

use super::body;
use super::call::{Call, Stop};
use super::failure::Failure;
use super::js::{get, look, names, print};
use super::options::Options;
use super::token::Bearer;
use super::transport::send;
use crate::attestation::{self, DEFAULT_PER_PAGE, Meta, Op, Where, check_list, check_page};
use crate::error::Error;
use crate::json::{Json, Kind};
use crate::link::Address;
use crate::request::Request;
use crate::walk::{Next, Walk};
use js_sys::{Array, Set};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

/// Where globaliD's API lies.
const GLOBALID: &str = "https://api.global.id";

/// The option `where`.
fn filter(options: &Options) -> Result<Option<Where>, Error> {
    if options.get("where").is_undefined() {
        return Ok(None);
    }
    let filter = options.object("where")?;
    if names(&filter)
        .iter()
        .any(|name| !["field", "op", "value"].contains(&name.as_str()))
    {
        return Err(Error::option(
            "where",
            "{ field, op?, value } and nothing else",
        ));
    }
    let field = get(&filter, "field")
        .as_string()
        .ok_or_else(|| Error::option("where.field", "a string"))?;
    let op = match get(&filter, "op") {
        op if op.is_undefined() => Op::Eq,
        op => op
            .as_string()
            .as_deref()
            .and_then(Op::parse)
            .ok_or_else(|| Error::option("where.op", "eq, gt, gte, lt or lte"))?,
    };
    let value = get(&filter, "value");
    let value = match value.kind() {
        Kind::String => value.as_string(),
        // As JavaScript prints them.
        Kind::Number | Kind::Boolean => print(&value),
        _ => None,
    };
    let value =
        value.ok_or_else(|| Error::option("where.value", "a string, a number, true or false"))?;
    Where::new(field, op, value).map(Some)
}

type Judge = Rc<dyn Fn(&JsValue) -> Result<(), Failure>>;

/// Sends one request and accepts what it brings.
async fn ask(
    call: &Rc<Call>,
    bearer: &Rc<Bearer>,
    request: Request,
    judge: Judge,
) -> Result<JsValue, JsValue> {
    let request = Rc::new(request);
    let (of, with) = (call.clone(), bearer.clone());
    call.run(bearer, &move || {
        let (call, request, bearer, judge) =
            (of.clone(), request.clone(), with.clone(), judge.clone());
        Box::pin(async move {
            let answer = send(&call, &request, &bearer).await?;
            let value = body::json(&answer).await?;
            judge(&value)?;
            Ok(value)
        })
    })
    .await
}

/// `listAttestations(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = listAttestations)]
pub async fn list_attestations(options: JsValue) -> Result<JsValue, JsValue> {
    const OPERATION: &str = "listAttestations";
    let options = Options(options);
    let prepare = || {
        let request =
            attestation::list_attestations(&options.base(GLOBALID)?, filter(&options)?.as_ref());
        let bearer = Bearer::of(&options, true)?;
        Ok((request, bearer, Call::new(OPERATION, &options)?))
    };
    let (request, bearer, call) =
        prepare().map_err(|failure: Failure| failure.into_js(OPERATION, 0))?;
    ask(
        &call,
        &bearer,
        request,
        Rc::new(|list| Ok(check_list(list)?)),
    )
    .await
}

/// `searchAttestations(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = searchAttestations)]
pub async fn search_attestations(options: JsValue) -> Result<JsValue, JsValue> {
    const OPERATION: &str = "searchAttestations";
    let options = Options(options);
    let prepare = || {
        let search = Search::of(&options)?;
        let page = options.whole("page", 1, u32::MAX, 1)?;
        let bearer = Bearer::of(&options, false)?;
        Ok((
            search.request(page),
            bearer,
            Call::new(OPERATION, &options)?,
        ))
    };
    let (request, bearer, call) =
        prepare().map_err(|failure: Failure| failure.into_js(OPERATION, 0))?;
    ask(
        &call,
        &bearer,
        request,
        Rc::new(|page| Ok(check_page(page).map(drop)?)),
    )
    .await
}

/// What a search asks for, without the page.
struct Search {
    base: Address,
    filter: Option<Where>,
    per_page: u32,
}

impl Search {
    fn of(options: &Options) -> Result<Self, Failure> {
        Ok(Self {
            base: options.base(GLOBALID)?,
            filter: filter(options)?,
            per_page: options.whole("perPage", 1, 10_000, DEFAULT_PER_PAGE)?,
        })
    }

    fn request(&self, page: u32) -> Request {
        attestation::search_attestations(&self.base, self.filter.as_ref(), page, self.per_page)
    }
}

const EACH: &str = "eachAttestation";

/// A walk over all pages of a search. The package's entry makes an async iterator of it.
#[wasm_bindgen]
pub struct AttestationWalk(Rc<Progress>);

struct Progress {
    options: Options,
    search: Search,
    bearer: Rc<Bearer>,
    walk: RefCell<Walk>,
    /// What came, by the number of its read, until it is delivered.
    here: RefCell<Vec<(u32, Result<JsValue, JsValue>)>>,
    /// The pages on their way.
    stops: RefCell<Vec<(u32, Rc<Stop>)>>,
    seen: Set,
    left: Cell<u32>,
    stopped: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

#[wasm_bindgen]
impl AttestationWalk {
    /// Takes the options; nothing is sent before the first `next`.
    ///
    /// # Errors
    /// The fields of `PassdeskError`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<AttestationWalk, JsValue> {
        let options = Options(options);
        let prepare = || {
            let search = Search::of(&options)?;
            let concurrency = options.whole("concurrency", 1, 64, 4)?;
            let limit = options.whole("limit", 0, u32::MAX, u32::MAX)?;
            let bearer = Bearer::of(&options, false)?;
            // Only for its checks, and for an abort that has been: each page is a call of its own.
            Call::new(EACH, &options)?;
            Ok(Progress {
                walk: RefCell::new(Walk::new(search.per_page, concurrency)),
                options: options.clone(),
                search,
                bearer,
                here: RefCell::default(),
                stops: RefCell::default(),
                seen: Set::new(&JsValue::UNDEFINED),
                left: Cell::new(limit),
                stopped: Cell::new(false),
                waker: RefCell::default(),
            })
        };
        prepare()
            .map(|progress| AttestationWalk(Rc::new(progress)))
            .map_err(|failure: Failure| failure.into_js(EACH, 0))
    }

    /// The next records that were not seen before, as an array; `undefined` at the end.
    pub fn next(&self) -> js_sys::Promise {
        let progress = self.0.clone();
        future_to_promise(async move {
            let next = progress.next().await;
            if !matches!(&next, Ok(records) if !records.is_undefined()) {
                progress.stop();
            }
            next
        })
    }

    /// Tears down what is on its way. A `next` that waits ends.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl Progress {
    async fn next(self: &Rc<Self>) -> Result<JsValue, JsValue> {
        loop {
            if self.stopped.get() || self.left.get() == 0 {
                return Ok(JsValue::UNDEFINED);
            }
            // Pages that came before an abort are not delivered after it.
            let signal = self.options.get("signal");
            if look(&signal, "aborted").is_truthy() {
                return Err(Failure::aborted(look(&signal, "reason")).into_js(EACH, 0));
            }
            while let Some((read, page)) = self.ask() {
                self.fetch(read, page);
            }
            let next = self.walk.borrow_mut().step();
            match next {
                Next::End => return Ok(JsValue::UNDEFINED),
                Next::Ask => {}
                Next::Wait => self.arrival().await?,
                Next::Deliver(read) => {
                    let records = self.fresh(read);
                    if records.length() > 0 {
                        return Ok(records.into());
                    }
                }
            }
        }
    }

    fn ask(&self) -> Option<(u32, u32)> {
        self.walk.borrow_mut().ask(self.left.get())
    }

    /// Sends for a page.
    fn fetch(self: &Rc<Self>, read: u32, page: u32) {
        let progress = self.clone();
        let call = match Call::new(EACH, &self.options) {
            Ok(call) => call,
            Err(failure) => {
                self.here
                    .borrow_mut()
                    .push((read, Err(failure.into_js(EACH, 0))));
                return;
            }
        };
        self.stops.borrow_mut().push((read, call.stop.clone()));
        spawn_local(async move {
            let request = progress.search.request(page);
            let told = Rc::new(Cell::new(None));
            let meta = told.clone();
            let judge = move |answer: &JsValue| {
                let found = check_page(answer)?;
                if (found.page - f64::from(page)).abs() > 0.0 {
                    // A server that does not page would be walked for ever.
                    return Err(Error::field("meta.page", "the page that was asked for").into());
                }
                meta.set(Some(found));
                Ok(())
            };
            let answer = ask(&call, &progress.bearer, request, Rc::new(judge)).await;
            drop(call);
            progress.arrive(read, answer, told.get());
        });
    }

    fn arrive(&self, read: u32, answer: Result<JsValue, JsValue>, meta: Option<Meta>) {
        self.stops
            .borrow_mut()
            .retain(|(number, _)| *number != read);
        if self.stopped.get() {
            return;
        }
        let answer = answer.map(|answer| get(&answer, "data"));
        if let (Ok(data), Some(meta)) = (&answer, meta) {
            self.walk
                .borrow_mut()
                .arrived(read, Json::count(data), meta.total, meta.per_page);
        }
        self.here.borrow_mut().push((read, answer));
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the next arrival; fails where the page that is to be delivered next has.
    async fn arrival(&self) -> Result<(), JsValue> {
        let before = self.here.borrow().len();
        let wanted = self.walk.borrow().awaited();
        poll_fn(|context| {
            let here = self.here.borrow();
            if let Some((_, Err(error))) = here
                .iter()
                .find(|(read, answer)| Some(*read) == wanted && answer.is_err())
            {
                return Poll::Ready(Err(error.clone()));
            }
            if here.len() > before || self.stopped.get() {
                return Poll::Ready(Ok(()));
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// The records of a page that were not delivered before, up to the limit.
    fn fresh(&self, read: u32) -> Array {
        let mut here = self.here.borrow_mut();
        let place = here.iter().position(|(number, _)| *number == read);
        let data = place.map(|place| here.swap_remove(place).1);
        let fresh = Array::new();
        if let Some(Ok(data)) = data {
            for index in 0..Json::count(&data) {
                let record = Json::at(&data, index);
                let uuid = get(&record, "uuid");
                if self.left.get() == 0 {
                    break;
                }
                if !self.seen.has(&uuid) {
                    self.seen.add(&uuid);
                    fresh.push(&record);
                    self.left.set(self.left.get() - 1);
                }
            }
        }
        fresh
    }

    fn stop(&self) {
        if self.stopped.replace(true) {
            return;
        }
        self.walk.borrow_mut().stop();
        let stops = std::mem::take(&mut *self.stops.borrow_mut());
        for (_, stop) in stops {
            stop.abort(JsValue::UNDEFINED);
        }
        self.here.borrow_mut().clear();
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
