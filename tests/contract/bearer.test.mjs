// @ts-check
// Promise 3: the bearer stays home.
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS, piiAt } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { record, TOKEN } from "../support/stage.mjs";

const picture = { base64: base64(png(64)), headers: { "content-type": "image/png" } };

export default suite("promise 3: the bearer stays home", {
  "redirects are not followed, by no operation, to no place": async ({ passdesk, answering }) => {
    for (const status of [301, 302, 303, 307, 308, 300, 304]) {
      const elsewhere = await answering({ json: record("r1") });
      await Promise.all(
        Object.entries(CALLS).map(async ([operation, call]) => {
          for (const location of [`${elsewhere.origin}/stolen`, "/same-origin"]) {
            const upstream = await answering({ status, headers: { location } });
            const failure = await assert.rejects(call(passdesk, upstream.origin, { token: TOKEN }), "redirected");
            assert.equal(failure.attempts, 1, `${operation} on ${status}`);
            assert.equal(failure.retryable, false);
            assert.equal((await upstream.seen()).length, 1, "the redirect was not followed on the same origin");
            assert.ok(!failure.message.includes("stolen"), "nor told");
          }
        }),
      );
      assert.equal((await elsewhere.seen()).length, 0, "nor elsewhere");
    }
  },

  "an evidence address must be this request's own, at home": async ({ passdesk, answering }) => {
    const home = await answering(picture);
    const away = await answering(picture);
    const { port, host } = new URL(home.origin);
    const front = "/partner/piirequest/r1/evidence/idDocumentFront";
    const hrefs = [
      // elsewhere
      `${away.origin}${front}`,
      `http://localhost:${port}${front}`,
      `https://${host}${front}`,
      `http://127.0.0.1:1${front}`,
      `http://127.0.0.1${front}`,
      "https://api.civic.com.evil.example/partner/piirequest/r1/evidence/idDocumentFront",
      `http://api.civic.com${front}`,
      `http://${host}.evil.example${front}`,
      `//${new URL(away.origin).host}${front}`,
      // userinfo, backslashes and blanks that parsers read differently
      `http://user:pass@${host}${front}`,
      `http://user@${host}${front}`,
      `http://${host}@${new URL(away.origin).host}${front}`,
      `http://${host}\\@${new URL(away.origin).host}${front}`,
      // out of the request's evidence
      `${home.origin}/partner/piirequest/r1`,
      `${home.origin}/partner/piirequest/r1/`,
      `${home.origin}/partner/piirequest/r1/evidence`,
      `${home.origin}/partner/piirequest/r1/evidence/`,
      `${home.origin}/partner/piirequest/r1/status`,
      `${home.origin}/partner/piirequest/r2/evidence/idDocumentFront`,
      `${home.origin}/partner/piirequest/r11/evidence/idDocumentFront`,
      `${home.origin}/partner/piirequest/R1/evidence/idDocumentFront`,
      `${home.origin}/partner/piirequest/r1/evidences/idDocumentFront`,
      `${home.origin}//partner/piirequest/r1/evidence/idDocumentFront`,
      `${home.origin}/x/partner/piirequest/r1/evidence/idDocumentFront`,
      `${home.origin}/partner/piirequest/r1/evidence/../../r2/evidence/idDocumentFront`,
      `${home.origin}/partner/piirequest/r1/evidence/..`,
      `${home.origin}/partner/piirequest/r1/evidence/../status`,
      `${home.origin}/partner/piirequest/r1/evidence/%2e%2e/status`,
      `${home.origin}/partner/piirequest/r1/evidence/.%2E/%2e./r2/evidence/x`,
      `${home.origin}/partner/piirequest/r1/evidence/..%2fstatus`,
      `${home.origin}/partner/piirequest/r1/evidence/..%5cstatus`,
      `${home.origin}/partner/piirequest/r1/evidence/a%2f..%2f..%2fstatus`,
      `${home.origin}/partner/piirequest/r2/../r1/evidence/%2e%2e%2f%2e%2e%2fr2`,
      // no https
      "data:image/png;base64,iVBORw0KGgo=",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "blob:http://127.0.0.1/1",
      `ftp://${host}${front}`,
      `ws://${host}${front}`,
      "about:blank",
      // relative
      front,
      "idDocumentFront",
      "./evidence/idDocumentFront",
      "?x",
      "",
      "#",
      "http://",
      "https:",
      "not an address",
    ];
    for (const href of hrefs) {
      for (const operation of /** @type {const} */ (["fetchEvidence", "streamEvidence"])) {
        const pii = { ...piiAt(home.origin), links: [{ rel: "idDocumentFront", href }] };
        const byRel = await assert
          .rejects(
            passdesk[operation]({ pii, rel: "idDocumentFront", token: TOKEN, baseUrl: home.origin }),
            "untrusted_link",
          )
          .catch((error) => assert.fail(`${JSON.stringify(href)} by rel: ${error.message}`));
        assert.equal(byRel.attempts, 0);
        if (href.length > 8) assert.ok(!byRel.message.includes(href), "the address stays out of the message");
        await assert
          .rejects(passdesk[operation]({ href, requestId: "r1", token: TOKEN, baseUrl: home.origin }), [
            "untrusted_link",
            "invalid_argument",
          ])
          .catch((error) => assert.fail(`${JSON.stringify(href)} by href: ${error.message}`));
      }
    }
    assert.equal((await home.seen()).length, 0, "nothing was sent home");
    assert.equal((await away.seen()).length, 0, "nor away");
  },

  "an odd spelling of a good address is refused, or means that address and no other": async ({
    passdesk,
    answering,
  }) => {
    const home = await answering(picture);
    const { host } = new URL(home.origin);
    const front = "/partner/piirequest/r1/evidence/idDocumentFront";
    for (const href of [
      `http:\\\\${host}${front}`,
      `http://${host}\\partner\\piirequest\\r1\\evidence\\idDocumentFront`,
      `http:/${host}${front}`,
      `http:${host}${front}`,
      ` http://${host}${front}`,
      `http://${host}${front}\n`,
      `ht\ntp://${host}${front}`,
      `HTTP://${host}${front}`,
      `http://${host}/partner/piirequest/r1/evi\tdence/idDocumentFront`,
      `http://${host}/partner/piirequest/r1/evidence/./idDocumentFront`,
      `http://${host}/partner/piirequest/r2/../r1/evidence/idDocumentFront`,
      `http://${host}${front}#fragment`,
    ]) {
      const pii = { ...piiAt(home.origin), links: [{ rel: "idDocumentFront", href }] };
      const caught = await passdesk
        .fetchEvidence({ pii, rel: "idDocumentFront", token: TOKEN, baseUrl: home.origin })
        .then(
          () => undefined,
          (/** @type {unknown} */ error) => error,
        );
      if (caught !== undefined) assert.passdeskError(caught, "untrusted_link");
    }
    for (const it of await home.seen()) assert.equal(`${it.path}${it.query}`, front);
  },

  "the same holds for Civic's own host": async ({ passdesk }) => {
    /** @type {string[]} */
    const sent = [];
    const fetch = async (/** @type {RequestInfo | URL} */ input, /** @type {RequestInit | undefined} */ init) => {
      sent.push(new Request(input, init).url);
      return new Response(png(64), { headers: { "content-type": "image/png" } });
    };
    const good = "https://api.civic.com/partner/piirequest/r1/evidence/idDocumentFront";
    await passdesk.fetchEvidence({ href: good, requestId: "r1", token: TOKEN, fetch });
    await passdesk.fetchEvidence({
      href: "https://api.civic.com:443/partner/piirequest/r1/evidence/a",
      requestId: "r1",
      token: TOKEN,
      fetch,
    });
    assert.equal(sent.length, 2, "the default port is the same origin");
    for (const href of [
      good.replace("https:", "http:"),
      good.replace("api.civic.com", "api.civic.com:8443"),
      good.replace("api.civic.com", "api.civic.com."),
      good.replace("api.civic.com", "civic.com"),
      good.replace("api.civic.com", "evil.example"),
      good.replace("/r1/", "/r2/"),
    ]) {
      await assert.rejects(passdesk.fetchEvidence({ href, requestId: "r1", token: TOKEN, fetch }), "untrusted_link");
    }
    assert.equal(sent.length, 2);
  },

  "an allowed origin is asked without the bearer": async ({ passdesk, answering }) => {
    const home = await answering(picture);
    const store = await answering(picture);
    const third = await answering(picture);
    const pii = {
      ...piiAt(home.origin),
      links: [
        { rel: "selfie", href: `${store.origin}/bucket/selfie.png?X-Amz-Signature=abc` },
        { rel: "third", href: `${third.origin}/bucket/x.png` },
        { rel: "idDocumentFront", href: `${home.origin}/partner/piirequest/r1/evidence/idDocumentFront` },
      ],
    };
    const options = {
      pii,
      token: TOKEN,
      baseUrl: home.origin,
      allowOrigins: [store.origin],
      credentials: /** @type {const} */ ("include"),
    };
    const evidence = await passdesk.fetchEvidence({ ...options, rel: "selfie" });
    assert.equal(evidence.rel, "selfie");
    const response = await passdesk.streamEvidence({ ...options, rel: "selfie" });
    await response.arrayBuffer();
    const seen = await store.seen();
    assert.equal(seen.length, 2);
    for (const it of seen) {
      assert.equal(it.headers.authorization, undefined);
      assert.equal(it.query, "?X-Amz-Signature=abc");
      assert.ok(!JSON.stringify(it).includes(TOKEN));
    }
    await assert.rejects(passdesk.fetchEvidence({ ...options, rel: "third" }), "untrusted_link");
    await passdesk.fetchEvidence({ ...options, rel: "idDocumentFront" });
    assert.equal((await home.seen())[0]?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal((await third.seen()).length, 0);
  },

  "naming home among the allowed origins does not widen what the bearer opens": async ({ passdesk, answering }) => {
    const home = await answering(picture);
    const pii = {
      ...piiAt(home.origin),
      links: [{ rel: "other", href: `${home.origin}/partner/piirequest/r2/evidence/idDocumentFront` }],
    };
    const caught = await passdesk
      .fetchEvidence({ pii, rel: "other", token: TOKEN, baseUrl: home.origin, allowOrigins: [home.origin] })
      .then(
        () => undefined,
        (/** @type {unknown} */ error) => error,
      );
    if (caught !== undefined) assert.passdeskError(caught, ["untrusted_link", "invalid_argument"]);
    assert.ok((await home.seen()).every((it) => it.headers.authorization === undefined));
  },

  "an allowed origin does not get a second chance with the bearer on 401": async ({
    passdesk,
    answering,
    upstream,
  }) => {
    const store = await answering({ status: 401, json: {} });
    const home = await upstream({
      routes: { "POST /oauth/token": { json: { access_token: "t-{{n}}", expires_in: 60, token_type: "Bearer" } } },
    });
    const token = passdesk.tokenProvider({ tokenUrl: `${home.origin}/oauth/token`, clientId: "c", clientSecret: "s" });
    const pii = { ...piiAt(home.origin), links: [{ rel: "selfie", href: `${store.origin}/selfie.png` }] };
    await assert.rejects(
      passdesk.fetchEvidence({ pii, rel: "selfie", token, baseUrl: home.origin, allowOrigins: [store.origin] }),
      "unauthorized",
    );
    assert.ok((await store.seen()).every((it) => it.headers.authorization === undefined));
  },

  "the sandbox's hostile links never get it": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const requestId of ["foreign-link", "escaping-link", "other-request-link", "http-link", "hostile-links"]) {
      const pii = await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url });
      let refused = 0;
      for (const { rel } of pii.links) {
        const caught = await passdesk.fetchEvidence({ pii, rel, token, baseUrl: sandbox.url }).then(
          () => undefined,
          (/** @type {unknown} */ error) => error,
        );
        if (caught === undefined) continue;
        refused += 1;
        assert.passdeskError(caught, "untrusted_link");
      }
      assert.ok(refused >= 1, `${requestId} has something to refuse`);
    }
  },

  "a presigned link of the sandbox works once its origin is allowed": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const pii = await passdesk.retrievePii({ requestId: "foreign-link", token, baseUrl: sandbox.url });
    const link = pii.links.find((it) => it.rel === "evidence-selfie");
    assert.ok(link, "the case has its link");
    const allowOrigins = [new URL(link.href).origin];
    const evidence = await passdesk.fetchEvidence({
      pii,
      rel: "evidence-selfie",
      token,
      baseUrl: sandbox.url,
      allowOrigins,
    });
    assert.match(evidence.contentType, /^image\//u);
  },

  "the token never travels in an address or a body": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: {
        "GET /partner/piirequest/r1": { json: record("r1") },
        "GET /partner/piirequest/r1/evidence/idDocumentFront": picture,
        "PUT /partner/piirequest/r1/status": { json: {} },
        "GET /v1/attestations": { json: [] },
        "GET /v1/attestations/search": { json: { data: [], meta: { page: 1, per_page: 50, total: 0 } } },
      },
    });
    for (const [operation, call] of Object.entries(CALLS)) {
      if (operation !== "exchangeToken" && operation !== "tokenProvider")
        await call(passdesk, civic.origin, { token: TOKEN });
    }
    const seen = await civic.seen();
    assert.ok(seen.length >= 6);
    for (const it of seen) {
      assert.equal(it.headers.authorization, `Bearer ${TOKEN}`);
      assert.ok(!`${it.path}${it.query}${it.body}`.includes(TOKEN));
    }
  },
});
