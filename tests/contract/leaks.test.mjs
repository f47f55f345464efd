// @ts-check
// Promise 8: nothing leaks. Canaries are put wherever a secret, a token, personal data or a query can be, calls are made to
// fail in every way, and everything that comes out is searched.
import { alone, inNode, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { record } from "../support/stage.mjs";

const CANARIES = {
  token: "tok-CANARY-aaaa",
  secret: "sec-CANARY-bbbb",
  clientId: "cid-CANARY-cccc",
  pii: "pii-CANARY-dddd",
  query: "qry-CANARY-eeee",
  body: "bod-CANARY-ffff",
};

/** Everything a careless program would print of an error. @param {unknown} value @param {number} [depth] @returns {string} */
function everything(value, depth = 0) {
  if (depth > 5 || value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
  /** @type {string[]} */
  const parts = [String(value)];
  try {
    parts.push(JSON.stringify(value) ?? "");
  } catch {}
  for (const name of Reflect.ownKeys(value)) {
    parts.push(String(name));
    parts.push(everything(Reflect.get(value, name), depth + 1));
  }
  for (const name of ["message", "stack", "cause", "toString"]) {
    const inherited = Reflect.get(value, name);
    if (typeof inherited !== "function") parts.push(everything(inherited, depth + 1));
  }
  return parts.join("\n");
}

/** @param {unknown} value @param {string} where */
function clean(value, where) {
  const text = everything(value);
  const at = text.indexOf("CANARY");
  if (at >= 0) assert.fail(`${where} holds ${text.slice(Math.max(0, at - 60), at + 20)}`);
}

/** @type {[string, import("../support/lab.mjs").Answer][]} answers that fail, each with canaries wherever it can have them */
const FAILING = [
  ...[400, 401, 403, 404, 409, 418, 429, 500, 503].map(
    (status) =>
      /** @type {[string, import("../support/lab.mjs").Answer]} */ ([
        `status ${status}`,
        {
          status,
          headers: {
            "retry-after": "0",
            "x-canary": CANARIES.body,
            "www-authenticate": `Bearer realm="${CANARIES.body}"`,
          },
          json: { error_description: CANARIES.body, message: CANARIES.body, email: CANARIES.pii },
        },
      ]),
  ),
  ["an error in plain text", { status: 400, text: CANARIES.body }],
  ["a redirect", { status: 302, headers: { location: `https://x.example/${CANARIES.body}?t=${CANARIES.token}` } }],
  ["broken JSON", { text: `{"name":"${CANARIES.pii}",`, headers: { "content-type": "application/json" } }],
  ["HTML", { text: `<p>${CANARIES.pii}</p>`, headers: { "content-type": `text/${CANARIES.body}` } }],
  [
    "a wrong shape",
    {
      json: {
        id: CANARIES.pii,
        access_token: [CANARIES.token],
        data: CANARIES.pii,
        uuid: CANARIES.pii,
        [CANARIES.pii]: 1,
      },
    },
  ],
  ["a list of wrong shapes", { json: [{ uuid: [CANARIES.pii] }] }],
  ["a reset", { raw: [{ end: "reset" }] }],
  ["a hang", { hang: "headers" }],
];

/** @type {Record<string, (passdesk: import("../support/stage.mjs").Passdesk, baseUrl: string, options: any) => Promise<unknown>>} */
const SECRETIVE = {
  ...CALLS,
  exchangeToken: (passdesk, origin, { token: _, ...options }) =>
    passdesk.exchangeToken({
      tokenUrl: `${origin}/oauth/token?q=${CANARIES.query}`,
      clientId: CANARIES.clientId,
      clientSecret: CANARIES.secret,
      ...options,
    }),
  tokenProvider: (passdesk, origin, { token: _, ...options }) =>
    passdesk.tokenProvider({
      tokenUrl: `${origin}/oauth/token?q=${CANARIES.query}`,
      clientId: CANARIES.clientId,
      clientSecret: CANARIES.secret,
      ...options,
    })(),
  fetchEvidence: (passdesk, baseUrl, options) =>
    passdesk.fetchEvidence({
      href: `${baseUrl}/partner/piirequest/r1/evidence/front?sig=${CANARIES.query}`,
      requestId: "r1",
      baseUrl,
      ...options,
    }),
  listAttestations: (passdesk, baseUrl, options) =>
    passdesk.listAttestations({ baseUrl, where: { field: "attestee", value: CANARIES.query }, ...options }),
  searchAttestations: (passdesk, baseUrl, options) =>
    passdesk.searchAttestations({ baseUrl, where: { field: "attestee", value: CANARIES.query }, ...options }),
};

export default suite("promise 8: nothing leaks", {
  "no error of any failure holds a canary, and no event": async ({ passdesk, answering }) => {
    // Loads the module: a call that waits too long for it ends before its first attempt, and tells of none.
    await passdesk.screenPii({ pii: { id: "r1", type: "t", status: "s", links: [] }, policy: {} });
    await Promise.all(
      FAILING.map(async ([what, answer]) => {
        const upstream = await answering(answer);
        for (const [operation, call] of Object.entries(SECRETIVE)) {
          /** @type {unknown[]} */
          const events = [];
          const caught = await assert.ends(
            call(passdesk, upstream.origin, {
              token: CANARIES.token,
              timeoutMs: 250,
              maxRetries: 1,
              onEvent: (/** @type {unknown} */ event) => events.push(event),
            }).then(
              () => undefined,
              (/** @type {unknown} */ error) => error,
            ),
          );
          assert.passdeskError(caught, assert.CODES);
          clean(caught, `${operation}, ${what}: the error`);
          clean(events, `${operation}, ${what}: the events`);
          assert.ok(events.length >= 2, `${operation} tells of its attempt and its end`);
        }
      }),
    );
  },

  "no event of a success holds one": async ({ passdesk, upstream }) => {
    const verifiedInformation = { name: CANARIES.pii, email: CANARIES.pii };
    const globalid = { uuid: "u", attestee: CANARIES.pii };
    const civic = await upstream({
      routes: {
        "POST /oauth/token": {
          json: { access_token: CANARIES.token, expires_in: 60, token_type: "Bearer", scope: "get:pii" },
        },
        "GET /partner/piirequest/r1": { json: record("r1", { verifiedInformation }) },
        "GET /partner/piirequest/r1/evidence/front": { base64: base64(png(64)) },
        "GET /partner/piirequest/r1/evidence/idDocumentFront": { base64: base64(png(64)) },
        "PUT /partner/piirequest/r1/status": { json: {} },
        "GET /v1/attestations": { json: [globalid] },
        "GET /v1/attestations/search": { json: { data: [globalid], meta: { page: 1, per_page: 50, total: 1 } } },
      },
    });
    for (const [operation, call] of Object.entries(SECRETIVE)) {
      /** @type {unknown[]} */
      const events = [];
      await call(passdesk, civic.origin, {
        token: CANARIES.token,
        onEvent: (/** @type {unknown} */ event) => events.push(event),
      });
      assert.ok(events.length >= 2);
      clean(events, operation);
    }
  },

  "an upstreamCode that is no code is left out": async ({ passdesk, answering }) => {
    for (const error of [`failed for ${CANARIES.pii}`, "x".repeat(500), { [CANARIES.pii]: 1 }, `a\nb`, 7]) {
      const upstream = await answering({ status: 400, json: { error } });
      const failure = await assert.rejects(CALLS.retrievePii?.(passdesk, upstream.origin, {}), "rejected");
      assert.equal(failure.upstreamCode, undefined, assert.show(error));
    }
  },

  "a requestId that is no id is left out": async ({ passdesk, answering }) => {
    const upstream = await answering({
      status: 404,
      json: {},
      headers: { "x-request-id": `${CANARIES.pii} and more <b>` },
    });
    const failure = await assert.rejects(CALLS.retrievePii?.(passdesk, upstream.origin, {}), "not_found");
    assert.equal(failure.requestId, undefined);
  },

  "bad options keep their values": async ({ passdesk }) => {
    const bad = [
      passdesk.exchangeToken(
        /** @type {any} */ ({
          tokenUrl: `http://x.example/${CANARIES.query}`,
          clientId: CANARIES.clientId,
          clientSecret: CANARIES.secret,
        }),
      ),
      passdesk.exchangeToken(
        /** @type {any} */ ({
          tokenUrl: "https://x.example/",
          clientId: CANARIES.clientId,
          clientSecret: [CANARIES.secret],
        }),
      ),
      passdesk.retrievePii(/** @type {any} */ ({ requestId: `${CANARIES.pii}/`, token: CANARIES.token })),
      passdesk.retrievePii(/** @type {any} */ ({ requestId: "r1", token: `${CANARIES.token}\n` })),
      passdesk.retrievePii(
        /** @type {any} */ ({ requestId: "r1", baseUrl: `http://user:${CANARIES.secret}@x.example` }),
      ),
      passdesk.retrievePii(
        /** @type {any} */ ({ requestId: "r1", baseUrl: `https://user:${CANARIES.secret}@x.example` }),
      ),
      passdesk.submitDecision(/** @type {any} */ ({ requestId: "r1", status: CANARIES.pii })),
      passdesk.fetchEvidence(/** @type {any} */ ({ href: `https://x.example/${CANARIES.query}`, requestId: "r1" })),
      passdesk.fetchEvidence(
        /** @type {any} */ ({
          pii: {
            id: "r1",
            type: "t",
            status: "s",
            links: [{ rel: "a", href: `https://x.example/?${CANARIES.query}` }],
          },
          rel: "a",
        }),
      ),
      passdesk.searchAttestations(
        /** @type {any} */ ({ where: { field: CANARIES.pii, op: CANARIES.pii, value: CANARIES.pii } }),
      ),
      passdesk.screenPii(/** @type {any} */ ({ pii: { id: CANARIES.pii, links: CANARIES.pii }, policy: {} })),
      passdesk.screenPii(
        /** @type {any} */ ({
          pii: { id: "r1", type: "t", status: "s", links: [], verifiedInformation: { name: [CANARIES.pii] } },
          policy: {},
        }),
      ),
      passdesk.screenPii(
        /** @type {any} */ ({
          pii: { id: "r1", type: "t", status: "s", links: [] },
          policy: { allowedCountries: [CANARIES.pii] },
        }),
      ),
    ];
    for (const [at, call] of bad.entries()) {
      const caught = await call.then(
        () => undefined,
        (/** @type {unknown} */ error) => error,
      );
      assert.passdeskError(caught, ["invalid_argument", "untrusted_link"]);
      clean(caught, `bad options ${at}`);
    }
  },

  "a provider does not show its secret or its token": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: { access_token: CANARIES.token, expires_in: 600, token_type: "Bearer" } });
    const provider = passdesk.tokenProvider({
      tokenUrl: `${upstream.origin}/oauth/token`,
      clientId: CANARIES.clientId,
      clientSecret: CANARIES.secret,
    });
    await provider();
    clean(provider, "the provider");
    clean(JSON.stringify({ provider }), "the provider as JSON");
  },

  "nothing is printed, and util.inspect shows no canary": alone(
    inNode(async ({ passdesk, answering }) => {
      const { inspect } = await import("node:util");
      /** @type {string[]} */
      const printed = [];
      const names = /** @type {const} */ (["log", "info", "warn", "error", "debug", "trace", "dir", "table"]);
      const originals = names.map((name) => console[name]);
      const writes = [process.stdout, process.stderr].map((stream) => stream.write);
      for (const name of names)
        console[name] = (/** @type {unknown[]} */ ...args) => printed.push(args.map(String).join(" "));
      // The test runner itself reports over stdout; only what the package's calls print may be caught, so stderr alone is watched.
      process.stderr.write = /** @type {any} */ ((/** @type {unknown} */ chunk) => printed.push(String(chunk)));
      /** @type {unknown[]} */
      const errors = [];
      try {
        for (const [, answer] of FAILING) {
          const upstream = await answering(answer);
          for (const call of Object.values(SECRETIVE)) {
            errors.push(
              await call(passdesk, upstream.origin, { token: CANARIES.token, timeoutMs: 200, maxRetries: 0 }).then(
                () => undefined,
                (/** @type {unknown} */ error) => error,
              ),
            );
          }
        }
      } finally {
        for (const [at, name] of names.entries()) console[name] = /** @type {any} */ (originals[at]);
        process.stderr.write = /** @type {any} */ (writes[1]);
      }
      assert.deepEqual(printed, [], "nothing is printed");
      for (const error of errors) {
        const shown = inspect(error, { depth: 10, showHidden: true, getters: true });
        assert.ok(!shown.includes("CANARY"), shown);
      }
    }),
  ),

  "no unhandled rejection is left behind": alone(
    inNode(async ({ passdesk, answering }) => {
      /** @type {unknown[]} */
      const unhandled = [];
      const listener = (/** @type {unknown} */ reason) => unhandled.push(reason);
      process.on("unhandledRejection", listener);
      try {
        for (const [, answer] of FAILING) {
          const upstream = await answering(answer);
          for (const call of Object.values(SECRETIVE)) {
            await call(passdesk, upstream.origin, { token: "t", timeoutMs: 150, maxRetries: 0 }).catch(() => {});
          }
        }
        // What an observer throws is its own affair, also where it does so later.
        const bomb = async () => {
          throw new Error("canary");
        };
        const fetch = async () => new Response(png(64));
        const href = "https://civic.example/partner/piirequest/r1/evidence/idDocumentFront";
        const baseUrl = "https://civic.example";
        await passdesk.fetchEvidence({ href, requestId: "r1", baseUrl, fetch, onEvent: bomb, onProgress: bomb });
        let ran = 0;
        const then = () => {
          ran += 1;
        };
        const hooks = { then, catch: then };
        const odd = () => Object.assign(bomb(), hooks);
        // What runs when it is awaited is nothing to wait for.
        const lazy = () => ({ ...hooks });
        for (const onEvent of [odd, lazy]) {
          await passdesk.fetchEvidence({ href, requestId: "r1", baseUrl, fetch, onEvent, onProgress: onEvent });
        }
        assert.equal(ran, 0);
        const upstream = await answering({ hang: "headers" });
        const controller = new AbortController();
        const walk = passdesk.eachAttestation({ baseUrl: upstream.origin, concurrency: 3, signal: controller.signal });
        const next = walk.next().catch(() => {});
        controller.abort("x");
        await next;
        await walk.return?.();
        await assert.sleep(200);
      } finally {
        process.off("unhandledRejection", listener);
      }
      assert.deepEqual(unhandled, []);
    }),
  ),
});
