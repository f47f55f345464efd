//! `retrievePii`: what is sent and what is accepted back.
//!
//! "2. Retrieve PII" of Civic's text. The set of fields differs by pass configuration, so all of
//! `verifiedInformation` is optional, and what nobody knows passes through untouched.

use crate::error::{Code, Error, concat};
use crate::json::{Json, Kind, Misfit, expect, expect_each, expect_strings};
use crate::link::Address;
use crate::request::Request;

/// Where Civic's Partner API lies.
pub const CIVIC: &str = "https://api.civic.com";

/// The fields of `verifiedInformation` that the text and the former OpenAPI description name: strings, where present.
pub const KNOWN_FIELDS: &str = "issueCountry name email dateOfBirth dateOfExpiry documentType documentNumber address accountId";

/// `GET {base}/partner/piirequest/{id}`
pub fn retrieve_pii(base: &Address, id: &str) -> Request {
    Request::get(concat(&[&base.href(), "/partner/piirequest/", id]), true)
}

/// Accepts a record, if it is one and the one that was asked for.
///
/// # Errors
/// The first misfit, by path.
pub fn check<J: Json>(record: &J, id: &str) -> Result<(), Misfit> {
    expect(record, Kind::Object, "")?;
    if record.get("id").text().as_deref() != Some(id) {
        return Err(Misfit {
            path: "id".to_owned(),
            expected: "the id that was asked for",
        });
    }
    expect_strings(record, "type status", 2)?;
    check_links(record)?;
    let information = record.get("verifiedInformation");
    match information.kind() {
        Kind::Absent | Kind::Null => Ok(()),
        _ => check_information(&information).map_err(|misfit| misfit.below("verifiedInformation")),
    }
}

/// Accepts `links` as an array of `{rel, href}`.
///
/// # Errors
/// The first misfit, by path.
pub fn check_links<J: Json>(record: &J) -> Result<(), Misfit> {
    expect_each(&record.get("links"), "rel href", 2).map_err(|misfit| misfit.below("links"))
}

fn check_information<J: Json>(information: &J) -> Result<(), Misfit> {
    expect(information, Kind::Object, "")?;
    expect_strings(information, KNOWN_FIELDS, 0)
}

/// The `href` of the first link with that `rel`.
///
/// # Errors
/// `invalid_argument`, naming the field at fault; `not_found`, if there is no such link.
pub fn href<J: Json>(record: &J, rel: &str) -> Result<String, Error> {
    check_links(record).map_err(|misfit| {
        let expected = misfit.expected;
        Error::option(&misfit.below("pii").path, expected)
    })?;
    let links = record.get("links");
    (0..links.count())
        .map(|index| links.at(index))
        .find(|link| link.get("rel").text().as_deref() == Some(rel))
        .and_then(|link| link.get("href").text())
        .ok_or_else(|| Error::new(Code::NotFound, "the record has no link with this `rel`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The text's example, its stray brace mended.
    pub(crate) fn sample() -> Value {
        json!({
            "id": "abc123",
            "type": "gatekeeperProofOfIdentityWithIdDocument-v3",
            "status": "verification-success",
            "links": [
                { "rel": "self", "href": "https://api.civic.com/partner/piirequest/abc123" },
                { "rel": "idDocumentFront", "href": "https://api.civic.com/partner/piirequest/abc123/evidence/idDocumentFront" },
                { "rel": "idDocumentBack", "href": "https://api.civic.com/partner/piirequest/abc123/evidence/idDocumentBack" }
            ],
            "verifiedInformation": { "issueCountry": "GBR", "name": "John Smith", "email": "john@example.com", "dateOfBirth": "1990-01-01",
                "dateOfExpiry": "2031-05-28", "documentType": "passport", "documentNumber": "999999999",
                "address": "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa", "accountId": "did:sol:CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa" }
        })
    }

    fn misfit(edit: impl FnOnce(&mut Value)) -> String {
        let mut record = sample();
        edit(&mut record);
        check(&Some(record), "abc123").expect_err("it fits").path
    }

    #[test]
    fn the_request_is_the_texts_own() {
        let base = Address::base("https://api.civic.com", "baseUrl").unwrap();
        let request = retrieve_pii(&base, "abc123");
        assert_eq!(
            (request.method, request.url.as_str()),
            ("GET", "https://api.civic.com/partner/piirequest/abc123")
        );
        assert!(request.bearer && request.body.is_none());
    }

    #[test]
    fn the_texts_example_is_accepted_and_so_is_the_unknown() {
        assert_eq!(check(&Some(sample()), "abc123"), Ok(()));
        let mut odd = sample();
        odd["status"] = json!("a-status-of-tomorrow");
        odd["new"] = json!({"deep": [1]});
        odd["links"][1]["title"] = json!(5);
        odd["verifiedInformation"] = json!({"selfie": {"score": 1}, "email": null});
        assert_eq!(check(&Some(odd), "abc123"), Ok(()));
        let mut early = sample();
        early.as_object_mut().unwrap().remove("verifiedInformation");
        assert_eq!(check(&Some(early), "abc123"), Ok(()));
    }

    #[test]
    fn a_misfit_is_named_by_its_path() {
        assert_eq!(misfit(|record| *record = json!([])), "");
        assert_eq!(misfit(|record| *record = json!("abc123")), "");
        assert_eq!(misfit(|record| record["id"] = json!("abc124")), "id");
        assert_eq!(misfit(|record| record["id"] = json!(123)), "id");
        assert_eq!(misfit(|record| record["type"] = json!(null)), "type");
        assert_eq!(misfit(|record| record["status"] = json!(200)), "status");
        assert_eq!(misfit(|record| record["links"] = json!({})), "links");
        assert_eq!(misfit(|record| record["links"][1] = json!("x")), "links[1]");
        assert_eq!(
            misfit(|record| record["links"][2]["href"] = json!(7)),
            "links[2].href"
        );
        assert_eq!(
            misfit(|record| record["links"][0]["rel"] = json!(null)),
            "links[0].rel"
        );
        assert_eq!(
            misfit(|record| record["verifiedInformation"] = json!("x")),
            "verifiedInformation"
        );
        assert_eq!(
            misfit(|record| record["verifiedInformation"]["email"] = json!(["a"])),
            "verifiedInformation.email"
        );
    }

    #[test]
    fn links_are_found_by_rel() {
        let href = |rel| href(&Some(sample()), rel);
        assert!(href("idDocumentBack").unwrap().ends_with("/idDocumentBack"));
        assert_eq!(
            href("selfie").unwrap_err().message,
            "the record has no link with this `rel`"
        );
        let broken = super::href(&Some(json!({"links": [{"rel": 1}]})), "self").unwrap_err();
        assert_eq!(broken.message, "`pii.links[0].rel` must be a string");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(
                    prop::sample::select(vec![
                        "id",
                        "type",
                        "status",
                        "links",
                        "rel",
                        "href",
                        "verifiedInformation",
                        "__proto__"
                    ])
                    .prop_map(str::to_owned),
                    inner,
                    0..6
                )
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_judged(value in any_json()) {
            let fits = check(&Some(value.clone()), "abc123").is_ok();
            let plainly = value.is_object() && value["id"] == "abc123" && value["type"].is_string() && value["status"].is_string()
                && value["links"].as_array().is_some_and(|links| links.iter().all(|link| link["rel"].is_string() && link["href"].is_string()))
                && (value["verifiedInformation"].is_null() || value["verifiedInformation"].is_object());
            prop_assert_eq!(fits, plainly);
        }
    }
}
