use passdesk::transport::{
    ApiOptions, Error, EvidenceLink, ExchangeTokenOptions, FetchEvidenceOptions, Outcome,
    TokenProvider, Verdict, fetch_evidence, retrieve_pii, submit_decision,
};

/// Lets a request pass if it has an image of the front of a document.
pub async fn review(id: &str, secret: &str) -> Result<Outcome, Error> {
    let partner =
        ExchangeTokenOptions::new("https://auth.civic.com/oauth/token", "partner", secret);
    let civic = ApiOptions {
        token: Some(TokenProvider::new(partner).into()),
        ..ApiOptions::default()
    };
    let pii = retrieve_pii(id, &civic).await?;
    let front = EvidenceLink::Rel {
        pii: &pii,
        rel: "idDocumentFront",
    };
    let front = fetch_evidence(front, &FetchEvidenceOptions::default(), &civic).await?;
    let verdict = if front.content_type.starts_with("image/") {
        Verdict::Pass
    } else {
        Verdict::Fail
    };
    Ok(submit_decision(id, verdict, &civic).await?.outcome)
}
