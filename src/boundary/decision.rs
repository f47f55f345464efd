//! `submitDecision`

use super::call::Call;
use super::failure::Failure;
use super::js::get;
use super::options::Options;
use super::pii::{Named, retrieve};
use super::token::Bearer;
use super::transport::send;
use crate::decision::{self, Outcome, Step, Verdict};
use crate::error::{Code, Error};
use crate::pii;
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt<'a> {
    request_id: &'a str,
    status: &'static str,
    outcome: &'static str,
}

/// `submitDecision(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = submitDecision)]
pub async fn submit_decision(options: JsValue) -> Result<JsValue, JsValue> {
    const OPERATION: &str = "submitDecision";
    let options = Options(options);
    let prepare = || {
        let named = Named::of(&options)?;
        let verdict = Verdict::parse(&options.required("status")?)
            .ok_or_else(|| Error::option("status", "partner-pass or partner-fail"))?;
        let bearer = Bearer::of(&options, false)?;
        Ok((named, verdict, bearer, Call::new(OPERATION, &options)?))
    };
    let (named, verdict, bearer, call) =
        prepare().map_err(|failure: Failure| failure.into_js(OPERATION, 0))?;
    let requests = Rc::new((
        pii::retrieve_pii(&named.base, &named.id),
        decision::submit_decision(&named.base, &named.id, verdict),
    ));
    let id = Rc::<str>::from(named.id);
    let (of, with, who) = (call.clone(), bearer.clone(), id.clone());
    let outcome = call
        .run(&bearer, &move || {
            let (call, requests, bearer, id) =
                (of.clone(), requests.clone(), with.clone(), who.clone());
            Box::pin(async move {
                let (read, write) = &*requests;
                let record = retrieve(&call, read, &id, &bearer).await?;
                let shown = get(&record, "status").as_string().unwrap_or_default();
                let outcome = match decision::before(&shown, verdict)? {
                    Step::Done => Outcome::AlreadyApplied,
                    Step::Send => {
                        match send(&call, write, &bearer).await {
                            Ok(answer) => {
                                let declared = answer.header("content-type");
                                Outcome::of(answer.status, declared.as_deref())?
                            }
                            // Somebody was quicker: who, says the status.
                            Err(failure) if failure.is(Code::Conflict) => {
                                let record = retrieve(&call, read, &id, &bearer).await?;
                                let shown = get(&record, "status").as_string().unwrap_or_default();
                                match decision::before(&shown, verdict)? {
                                    Step::Done => Outcome::AlreadyApplied,
                                    Step::Send => return Err(failure),
                                }
                            }
                            Err(failure) => return Err(failure),
                        }
                    }
                };
                Ok::<_, Failure>(outcome.as_str().into())
            })
        })
        .await?;
    let receipt = Receipt {
        request_id: &id,
        status: verdict.as_str(),
        outcome: [Outcome::Applied, Outcome::AlreadyApplied, Outcome::Queued]
            .map(Outcome::as_str)
            .into_iter()
            .find(|name| outcome == *name)
            .unwrap_or_default(),
    };
    Ok(serde_wasm_bindgen::to_value(&receipt)?)
}
