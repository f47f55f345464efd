//! `retrievePii`

use super::body;
use super::call::Call;
use super::failure::Failure;
use super::options::Options;
use super::token::Bearer;
use super::transport::send;
use crate::link::{Address, request_id};
use crate::pii;
use crate::request::Request;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Where Civic's Partner API lies.
pub const CIVIC: &str = "https://api.civic.com";

/// A request by its id, as several operations name it.
pub struct Named {
    /// The root of the API.
    pub base: Address,
    /// The request's id.
    pub id: String,
}

impl Named {
    /// Takes `requestId` and `baseUrl`.
    pub fn of(options: &Options) -> Result<Self, Failure> {
        let id = options.required("requestId")?;
        request_id(&id, "requestId")?;
        let base = options.base(CIVIC)?;
        Ok(Self { base, id })
    }
}

/// Retrieves a record and accepts it.
pub async fn retrieve(
    call: &Rc<Call>,
    request: &Request,
    id: &str,
    bearer: &Bearer,
) -> Result<JsValue, Failure> {
    let answer = send(call, request, bearer).await?;
    let record = body::json(&answer).await?;
    pii::check(&record, id)?;
    Ok(record)
}

/// `retrievePii(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = retrievePii)]
pub async fn retrieve_pii(options: JsValue) -> Result<JsValue, JsValue> {
    const OPERATION: &str = "retrievePii";
    let options = Options(options);
    let prepare = || {
        let named = Named::of(&options)?;
        let bearer = Bearer::of(&options, false)?;
        Ok((named, bearer, Call::new(OPERATION, &options)?))
    };
    let (named, bearer, call) =
        prepare().map_err(|failure: Failure| failure.into_js(OPERATION, 0))?;
    let request = Rc::new(pii::retrieve_pii(&named.base, &named.id));
    let (of, with, id) = (call.clone(), bearer.clone(), Rc::<str>::from(named.id));
    call.run(&bearer, &move || {
        let (call, request, bearer, id) = (of.clone(), request.clone(), with.clone(), id.clone());
        Box::pin(async move { retrieve(&call, &request, &id, &bearer).await })
    })
    .await
}
