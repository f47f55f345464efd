//! What is sent: one HTTP request as plain data.

/// One HTTP request. The boundary adds the bearer and sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// The `accept` header.
    pub accept: String,
    /// The `content-type` header and the text that it describes.
    pub body: Option<(&'static str, String)>,
    /// Whether the caller's token goes with it.
    pub bearer: bool,
}

/// Media type of the bodies that both APIs speak.
pub const JSON: &str = "application/json";
/// The other encoding of a token request (RFC 6749, section 4.4.2).
pub const FORM: &str = "application/x-www-form-urlencoded";

impl Request {
    /// A `GET` for JSON.
    #[inline(never)]
    pub fn get(url: String, bearer: bool) -> Self {
        Self {
            method: "GET",
            url,
            accept: JSON.to_owned(),
            body: None,
            bearer,
        }
    }

    /// The same request with a body.
    #[must_use]
    #[inline(never)]
    pub fn with_body(
        mut self,
        method: &'static str,
        content_type: &'static str,
        body: String,
    ) -> Self {
        self.method = method;
        self.body = Some((content_type, body));
        self
    }
}
