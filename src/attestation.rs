//! globaliD's public verifications, which its API calls attestations.
//!
//! "Retrieving the Verifications for an Identity" and "Searching the Public Verification Database" of its text.

use crate::error::{Error, concat, digits};
use crate::json::{Json, Kind, Misfit, expect, expect_each};
use crate::link::{Address, encode};
use crate::request::Request;
use crate::text::parts;

/// Where globaliD's API lies.
pub const GLOBALID: &str = "https://api.global.id";

/// How a field is compared; the text appends the name to the field's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equal: no suffix.
    Eq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
}

impl Op {
    /// Reads `where.op`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "eq" => Some(Self::Eq),
            "gt" => Some(Self::Gt),
            "gte" => Some(Self::Gte),
            "lt" => Some(Self::Lt),
            "lte" => Some(Self::Lte),
            _ => None,
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Eq => "",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
        }
    }
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Where {
    field: String,
    op: Op,
    value: String,
}

impl Where {
    /// Takes a filter that can be told apart on the wire: a field whose own name ends like an operator would be
    /// read as another field with that operator.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option.
    pub fn new(field: String, op: Op, value: String) -> Result<Self, Error> {
        let plain = !field.is_empty()
            && field.len() <= 64
            && field
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain {
            return Err(Error::option(
                "where.field",
                "a field name: 1 to 64 of A-Z a-z 0-9 _",
            ));
        }
        if parts("gt gte lt lte", b" ").any(|suffix| field.ends_with(suffix)) {
            return Err(Error::option(
                "where.field",
                "a field name without an operator at its end (that is `where.op`)",
            ));
        }
        Ok(Self { field, op, value })
    }

    fn write(&self, query: &mut Query) {
        query.add("fieldName", &concat(&[&self.field, self.op.suffix()]));
        query.add("fieldValue", &self.value);
    }
}

struct Query(String);

impl Query {
    #[inline(never)]
    fn add(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(name);
        self.0.push('=');
        encode(value, &mut self.0);
    }
}

/// `GET {base}/v1/attestations`: those of the token's own identity.
pub fn list_attestations(base: &Address, filter: Option<&Where>) -> Request {
    let mut query = Query(String::new());
    if let Some(filter) = filter {
        filter.write(&mut query);
    }
    Request::get(concat(&[&base.href(), "/v1/attestations", &query.0]), true)
}

/// The page size that the text names as the default.
pub const DEFAULT_PER_PAGE: u32 = 50;

/// `GET {base}/v1/attestations/search`: public, a token is welcome but not needed.
pub fn search_attestations(
    base: &Address,
    filter: Option<&Where>,
    page: u32,
    per_page: u32,
) -> Request {
    let mut query = Query(String::new());
    if let Some(filter) = filter {
        filter.write(&mut query);
    }
    query.add("page", &digits(page));
    query.add("per_page", &digits(per_page));
    Request::get(
        concat(&[&base.href(), "/v1/attestations/search", &query.0]),
        true,
    )
}

/// `uuid`, which a record must have; then the other fields that the text names, and the one that tells of a revocation: strings,
/// where present.
const FIELDS: &str = "uuid type attestee attestee_uuid attestor created_at updated_at attestor_signed_at attestee_signed_at public_data revocation_time";

/// Accepts an array of attestations.
///
/// # Errors
/// The first misfit, by path.
#[inline(never)]
pub fn check_list<J: Json>(list: &J) -> Result<(), Misfit> {
    expect_each(list, FIELDS, 1)
}

/// `meta` of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meta {
    /// The page's number, from 1.
    pub page: f64,
    /// Its size, as the server sees it.
    pub per_page: f64,
    /// How many records match.
    pub total: f64,
}

/// Accepts one page of a search.
///
/// # Errors
/// The first misfit, by path.
pub fn check_page<J: Json>(answer: &J) -> Result<Meta, Misfit> {
    expect(answer, Kind::Object, "")?;
    check_list(&answer.get("data")).map_err(|misfit| misfit.below("data"))?;
    let meta = answer.get("meta");
    expect(&meta, Kind::Object, "meta")?;
    let count = |name: &'static str, least: f64| {
        meta.get(name)
            .number()
            .filter(|count| {
                *count >= least && *count <= 9_007_199_254_740_991.0 && count.fract() == 0.0
            })
            .ok_or_else(|| Misfit {
                path: concat(&["meta.", name]),
                expected: "a whole number",
            })
    };
    Ok(Meta {
        page: count("page", 1.0)?,
        per_page: count("per_page", 1.0)?,
        total: count("total", 0.0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn base() -> Address {
        Address::base("https://api.global.id", "baseUrl").unwrap()
    }

    fn filter(field: &str, op: Op, value: &str) -> Where {
        Where::new(field.into(), op, value.into()).unwrap()
    }

    #[test]
    fn the_texts_own_queries() {
        let list = |filter: &Where| list_attestations(&base(), Some(filter)).url;
        assert_eq!(
            list(&filter("type", Op::Eq, "phone_number")),
            "https://api.global.id/v1/attestations?fieldName=type&fieldValue=phone_number"
        );
        assert_eq!(
            list(&filter("attestee_signed_at", Op::Gt, "2019-05-07T12:00:00")),
            "https://api.global.id/v1/attestations?fieldName=attestee_signed_atgt&fieldValue=2019-05-07T12%3A00%3A00"
        );
        assert_eq!(
            list_attestations(&base(), None).url,
            "https://api.global.id/v1/attestations"
        );
        assert_eq!(
            search_attestations(
                &base(),
                Some(&filter("attestee", Op::Eq, "johnsmith")),
                3,
                100
            )
            .url,
            "https://api.global.id/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith&page=3&per_page=100"
        );
    }

    #[test]
    fn a_field_that_reads_as_another_is_refused() {
        for field in [
            "created_atgt",
            "created_atgte",
            "xlt",
            "xlte",
            "default",
            "",
            "a b",
            "a=b",
            "é",
            &"x".repeat(65),
        ] {
            let refused = Where::new(field.to_owned(), Op::Eq, "x".into()).unwrap_err();
            assert_eq!(refused.code, Code::InvalidArgument, "{field}");
            assert!(
                refused.message.starts_with("`where.field` must be "),
                "{}",
                refused.message
            );
        }
    }

    fn page() -> Value {
        json!({
            "data": [{"uuid": "1", "type": "phone_number", "public_data": "", "revocation_time": null, "sig_version": 2}],
            "meta": {"page": 1, "per_page": 50, "total": 11020}
        })
    }

    #[test]
    fn the_texts_page_is_accepted() {
        assert_eq!(
            check_page(&Some(page())),
            Ok(Meta {
                page: 1.0,
                per_page: 50.0,
                total: 11020.0
            })
        );
    }

    #[test]
    fn an_attestation_needs_its_uuid_alone() {
        let only = |name: &str| check_list(&Some(json!([{ name: "1" }])));
        assert_eq!(only("uuid"), Ok(()));
        assert_eq!(only("type").unwrap_err().path, "[0].uuid");
    }

    #[test]
    fn a_misfit_is_named_by_its_path() {
        let path = |edit: &dyn Fn(&mut Value)| {
            let mut page = page();
            edit(&mut page);
            check_page(&Some(page)).unwrap_err().path
        };
        assert_eq!(path(&|page| *page = json!([])), "");
        assert_eq!(path(&|page| page["data"] = json!({})), "data");
        assert_eq!(path(&|page| page["data"][0] = json!(1)), "data[0]");
        assert_eq!(
            path(&|page| page["data"][0]["uuid"] = json!(null)),
            "data[0].uuid"
        );
        assert_eq!(
            path(&|page| page["data"][0]["type"] = json!(7)),
            "data[0].type"
        );
        assert_eq!(path(&|page| page["meta"] = json!(null)), "meta");
        for bad in [json!("1"), json!(-1), json!(1.5), json!(null), json!(1e300)] {
            assert_eq!(
                path(&|page| page["meta"]["total"] = bad.clone()),
                "meta.total"
            );
        }
        assert_eq!(
            path(&|page| page["meta"]["per_page"] = json!(0)),
            "meta.per_page"
        );
    }

    proptest! {
        /// What a server reads back is the field, the operator and the value that went in.
        #[test]
        fn a_filter_reads_back(field in "[a-z_]{1,12}", op in 0_usize..5, value: String) {
            let op = [Op::Eq, Op::Gt, Op::Gte, Op::Lt, Op::Lte][op];
            if let Ok(filter) = Where::new(field.clone(), op, value.clone()) {
                let url = url::Url::parse(&search_attestations(&base(), Some(&filter), 1, 50).url).unwrap();
                let pairs: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
                let name = &pairs["fieldName"];
                let suffix = ["gte", "lte", "gt", "lt"].into_iter().find(|suffix| name.ends_with(suffix)).unwrap_or("");
                prop_assert_eq!(&name[..name.len() - suffix.len()], &field);
                prop_assert_eq!(suffix, op.suffix());
                prop_assert_eq!(&pairs["fieldValue"], &value);
            }
        }
    }
}
