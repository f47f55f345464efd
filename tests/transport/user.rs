//! What a user's first program does, in Rust: `transport.test.mjs` runs it over real sockets.
#![allow(missing_docs)]

#[cfg(target_family = "wasm")]
mod user {
    use passdesk::transport::{
        ApiOptions, CallOptions, EachAttestationOptions, Error, EvidenceLink, ExchangeTokenOptions,
        FetchEvidenceOptions, Policy, TokenProvider, Verdict, each_attestation, fetch_evidence,
        list_attestations, retrieve_pii, screen_pii, submit_decision,
    };
    use wasm_bindgen::prelude::*;

    fn api(base_url: String, token: Option<TokenProvider>, timeout_ms: u32) -> ApiOptions {
        ApiOptions {
            base_url: Some(base_url),
            token: token.map(Into::into),
            call: CallOptions {
                timeout_ms,
                max_retries: 0,
                ..CallOptions::default()
            },
        }
    }

    fn provider(base_url: &str) -> TokenProvider {
        TokenProvider::new(ExchangeTokenOptions::new(
            format!("{base_url}/oauth/token"),
            "passdesk-sandbox",
            "sandbox-secret",
        ))
    }

    async fn through(base_url: String, id: &str) -> Result<String, Error> {
        let civic = api(base_url.clone(), Some(provider(&base_url)), 30_000);
        let pii = retrieve_pii(id, &civic).await?;
        let front = EvidenceLink::Rel {
            pii: &pii,
            rel: "idDocumentFront",
        };
        let evidence = fetch_evidence(front, &FetchEvidenceOptions::default(), &civic).await?;
        let policy = Policy {
            min_age: Some(18),
            ..Policy::default()
        };
        screen_pii(&pii, &policy, None)?;
        let receipt = submit_decision(id, Verdict::Pass, &civic).await?;
        let again = submit_decision(id, Verdict::Pass, &civic).await?;
        let public = api(base_url, None, 30_000);
        let options = EachAttestationOptions {
            limit: Some(120),
            ..EachAttestationOptions::default()
        };
        let mut walk = each_attestation(options, public)?;
        let mut found = 0;
        while walk.next().await?.is_some() {
            found += 1;
        }
        let strangers = list_attestations(None, &civic).await;
        Ok(format!(
            "{} {} {} {} {found} {}",
            pii.status(),
            evidence.content_type,
            receipt.outcome.as_str(),
            again.outcome.as_str(),
            strangers.map_or_else(|error| error.code.as_str(), |_| "listed"),
        ))
    }

    /// Every operation; what each came to.
    #[wasm_bindgen]
    pub async fn work(base_url: String, id: String) -> String {
        match through(base_url, &id).await {
            Ok(told) => told,
            Err(error) => format!("{}: {error}", error.code.as_str()),
        }
    }

    /// What retrieving a record fails with.
    #[wasm_bindgen]
    pub async fn fail(base_url: String, id: String, timeout_ms: u32) -> String {
        let civic = api(base_url.clone(), Some(provider(&base_url)), timeout_ms);
        match retrieve_pii(&id, &civic).await {
            Ok(_) => "nothing".to_owned(),
            Err(error) => error.code.as_str().to_owned(),
        }
    }
}
