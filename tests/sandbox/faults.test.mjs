import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox, FAULTS, OPERATIONS } from "passdesk/sandbox";
import { GRANT, inBothPlaces, open } from "./stage.mjs";

const PNG = [0x89, 0x50, 0x4e, 0x47];
const MIB = 1024 * 1024;

/** One good request for each operation. @param {Awaited<ReturnType<typeof open>>} stage */
async function requestsOf({ sandbox, url }) {
  const civic = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const john = { authorization: `Bearer ${await sandbox.issueToken({ api: "globalid", attestee: "johnsmith" })}` };
  const get = await sandbox.fetch(`${url}/partner/piirequest/foreign-link`, { headers: civic });
  const { href } = (await get.json()).links.find(({ rel }) => rel === "evidence-selfie");
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(GRANT) };
  let copies = 0;
  /** @type {Record<string, () => [path: string, init?: RequestInit]>} */
  const requests = {
    token: () => ["/oauth/token", post],
    userToken: () => ["/v1/auth/token", post],
    pii: () => ["/partner/piirequest/abc123", { headers: civic }],
    evidence: () => ["/partner/piirequest/abc123/evidence/idDocumentFront", { headers: civic }],
    // Each decision needs a request that is still undecided.
    status: () => [
      `/partner/piirequest/abc123~copy_${++copies}/status`,
      { method: "PUT", headers: { ...civic, "content-type": "application/json" }, body: '{"status":"partner-pass"}' },
    ],
    attestations: () => ["/v1/attestations", { headers: john }],
    search: () => ["/v1/attestations/search?per_page=5"],
    store: () => [href.slice(new URL(href).origin.length)],
  };
  return requests;
}

/** What each fault looks like from outside. @type {Record<string, (seen: Seen) => void | Promise<void>>} */
const LOOKS = {
  "401-plain": ({ response, text }) => {
    assert.equal(response.status, 401);
    assert.equal(text, "Unauthorized");
  },
  "502-html": ({ response, text }) => {
    assert.equal(response.status, 502);
    assert.match(text, /^<!doctype html>/);
  },
  "429-seconds": ({ response }) => assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "1"]),
  "429-far": ({ response }) => assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "3600"]),
  "503-seconds": ({ response }) => assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]),
  "429-garbage": ({ response }) =>
    assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "soon"]),
  "429-date": ({ response }) => {
    assert.equal(response.status, 429);
    const ahead = Date.parse(response.headers.get("retry-after")) - Date.now();
    assert.ok(ahead > -1000 && ahead <= 2000, String(ahead));
  },
  "429-reset": ({ response }) => aheadBy(response, 429, 2),
  "429-reset-far": ({ response }) => aheadBy(response, 429, 3600),
  "503-reset": ({ response }) => aheadBy(response, 503, 3600),
  "redirect-same-origin": ({ response, stage }) =>
    assert.deepEqual([response.status, response.headers.get("location")], [302, `${stage.url}/landing`]),
  "slow-headers": ({ headersMs, response }) => {
    assert.ok(headersMs >= 115, String(headersMs));
    assert.equal(response.status, 200);
  },
  "slow-body": ({ headersMs, bodyMs, response, plain, bytes, operation }) => {
    assert.ok(bodyMs - headersMs >= 90, `${headersMs} ${bodyMs}`);
    assert.equal(response.status, 200);
    if (operation !== "token" && operation !== "userToken" && operation !== "status") assert.deepEqual(bytes, plain);
  },
  hang: ({ error, response }) => {
    assert.equal(response, undefined);
    assert.equal(error.name, "TimeoutError");
  },
  "hang-body": ({ error, response }) => {
    assert.equal(response.status, 200);
    assert.equal(error.name, "TimeoutError");
  },
  "cut-body": ({ error, response }) => {
    assert.equal(response.status, 200);
    assert.equal(error.message, "terminated");
  },
  reset: ({ error, response }) => {
    assert.equal(response, undefined);
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "fetch failed");
  },
  "empty-body": ({ response, bytes }) => assert.deepEqual([response.status, bytes.length], [200, 0]),
  "short-body": ({ response, bytes }) => assert.deepEqual([response.status, bytes.length], [200, 2]),
  "wrong-type": ({ response, bytes, plain, operation }) => {
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    if (operation === "evidence" || operation === "store") assert.deepEqual(bytes, plain);
  },
  "html-body": ({ response, text }) => {
    assert.equal(response.status, 200);
    assert.match(text, /^<!doctype html>/);
  },
  "malformed-json": ({ response, text }) => {
    assert.equal(response.status, 200);
    assert.throws(() => JSON.parse(text), SyntaxError);
  },
  "invalid-utf8": ({ bytes }) =>
    assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes), TypeError),
  "not-object": ({ response, text }) => assert.deepEqual([response.status, text], [200, "null"]),
  "wrong-shape": ({ text, operation }) => {
    const body = JSON.parse(text);
    const shapes = {
      token: () => assert.equal(typeof body.access_token, "number"),
      userToken: () => assert.equal(typeof body.access_token, "number"),
      pii: () => assert.equal(typeof body.links[0].rel, "number"),
      status: () => assert.deepEqual(body, []),
      attestations: () => assert.equal(typeof body[0].uuid, "number"),
      search: () => assert.ok(!Array.isArray(body.data)),
    };
    shapes[operation]();
  },
  "other-id": ({ text }) => assert.equal(JSON.parse(text).id, "someone-elses"),
  proto: ({ text, operation }) => {
    const body = JSON.parse(text);
    assert.ok(Object.hasOwn(operation === "attestations" ? body[0] : body, "__proto__"));
    if (operation === "pii") assert.ok(Object.hasOwn(body.verifiedInformation, "__proto__"));
  },
  oversize: ({ response, bytes, operation }) => tooLarge(response, bytes, operation),
  "oversize-gzip": ({ response, bytes, operation }) => {
    tooLarge(response, bytes, operation);
    assert.equal(response.headers.get("content-encoding"), "gzip");
  },
  202: ({ response }) => assert.equal(response.status, 202),
  204: ({ response, bytes }) => assert.deepEqual([response.status, bytes.length], [204, 0]),
  "apply-then-hang": ({ error, response }) => assert.deepEqual([response, error.name], [undefined, "TimeoutError"]),
  "apply-then-500": ({ response }) => assert.equal(response.status, 500),
  "apply-then-503": ({ response }) => assert.equal(response.status, 503),
  "apply-then-reset": ({ error, response }) => assert.deepEqual([response, error.message], [undefined, "fetch failed"]),
  "apply-then-cut": ({ error, response }) => assert.deepEqual([response.status, error.message], [200, "terminated"]),
  "same-verdict-first": ({ response }) => assert.equal(response.status, 409),
  "other-verdict-first": ({ response }) => assert.equal(response.status, 409),
  "revoked-token": async ({ text, stage, operation }) => {
    const headers = { authorization: `Bearer ${JSON.parse(text).access_token}` };
    const path = operation === "token" ? "/partner/piirequest/abc123" : "/v1/attestations";
    const refused = await stage.sandbox.fetch(`${stage.url}${path}`, { headers });
    assert.deepEqual([refused.status, (await refused.json()).error], [401, "invalid_token"]);
  },
  "short-token": ({ text }) => assert.equal(JSON.parse(text).expires_in, 1),
  "grow-front": ({ text }) => assert.equal(JSON.parse(text).meta.total, 11_020),
  "grow-back": ({ text }) => assert.equal(JSON.parse(text).meta.total, 11_020),
  "shrink-front": ({ text }) => assert.equal(JSON.parse(text).meta.total, 11_020),
  "shrink-back": ({ text }) => assert.equal(JSON.parse(text).meta.total, 11_020),
  "page-capped": ({ text }) => assert.deepEqual(JSON.parse(text).meta, { page: 1, per_page: 5, total: 11_020 }),
  "repeated-page": ({ text }) => assert.equal(JSON.parse(text).data.length, 5),
  "empty-page": ({ text }) => {
    const { data, meta } = JSON.parse(text);
    assert.deepEqual([data.length, meta.total], [0, 11_020]);
  },
};

function aheadBy(response, status, seconds) {
  assert.equal(response.status, status);
  const ahead = Number(response.headers.get("x-ratelimit-reset")) - Date.now() / 1000;
  assert.ok(ahead > seconds - 2 && ahead <= seconds + 1, String(ahead));
}

function tooLarge(response, bytes, operation) {
  assert.equal(response.status, 200);
  if (operation === "evidence" || operation === "store") {
    assert.ok(bytes.length > 20 * MIB);
    assert.deepEqual([...bytes.subarray(0, 4)], PNG);
  } else {
    assert.ok(bytes.length > 8 * MIB);
    JSON.parse(new TextDecoder().decode(bytes));
  }
}

/** Faults whose default number would slow the tests down, or that only show with a deadline. */
const ASKED = { "slow-headers": "slow-headers_120", "slow-body": "slow-body_120" };
const ENDLESS = ["hang", "hang-body", "apply-then-hang"];

for (const [name, { operations, applies }] of Object.entries(FAULTS)) {
  inBothPlaces(
    `fault ${name} strikes ${operations.length === OPERATIONS.length ? "everything" : operations.join(", ")}`,
    async (stage) => {
      const { sandbox, call } = stage;
      const requests = await requestsOf(stage);
      for (const operation of operations) {
        const [plainPath, plainInit] = requests[operation]();
        const plain = new Uint8Array(await (await call(plainPath, plainInit)).arrayBuffer());
        const text = `${operation}.${ASKED[name] ?? name}x1`;
        sandbox.fault(text);
        const [path, init] = requests[operation]();
        const late = new AbortController();
        const giveUp = () => late.abort(new DOMException("the test waits no longer", "TimeoutError"));
        const endless = ENDLESS.includes(name);
        const [seen] = await Promise.all([
          look(
            (signal) => call(path, { ...init, ...(endless ? { signal } : {}) }),
            late.signal,
            () => {
              if (name === "hang-body") setTimeout(giveUp, 50);
            },
          ),
          // However long a busy machine takes to get there.
          endless && name !== "hang-body" && struck(sandbox, text).then(() => setTimeout(giveUp, 50)),
        ]);
        const where = `${text} (${stage.place})`;
        try {
          if (/^3\d\d$/.test(name)) {
            assert.equal(seen.response.status, Number(name));
            const { origin, pathname } = new URL(seen.response.headers.get("location"));
            assert.notEqual(origin, stage.url);
            assert.equal(pathname, "/landing");
          } else if (/^\d{3}$/.test(name) && name > "299") {
            assert.equal(seen.response.status, Number(name));
            if (operation === "store") assert.match(seen.text, /<Error>/);
            else assert.ok(["error", "error_code"].some((key) => key in JSON.parse(seen.text)));
          } else {
            await LOOKS[name]({ ...seen, operation, plain, stage });
          }
        } catch (error) {
          throw new Error(`${where}: ${/** @type {Error} */ (error).message}`, { cause: error });
        }
        const last = sandbox.calls.findLast(({ fault }) => fault !== null);
        assert.equal(last.fault, text, where);
        assert.equal(last.route, operation, where);
        assert.equal(last.status, seen.response?.status ?? null, where);
        if (operation === "status") {
          const verdict = await stage.statusOf(path.split("/")[3]);
          const decided = { "same-verdict-first": "partner-pass", "other-verdict-first": "partner-fail" };
          assert.equal(verdict, decided[name] ?? (applies ? "partner-pass" : "verification-success"), where);
        }
        // Once was asked for: the next one is whole.
        const [nextPath, nextInit] = requests[operation]();
        const next = await call(nextPath, nextInit);
        assert.equal(next.status, 200, where);
        await next.arrayBuffer();
      }
    },
  );
}

/**
 * @typedef {object} Seen
 * @property {Response} [response]
 * @property {Error} [error]
 * @property {Uint8Array} bytes
 * @property {string} text
 * @property {number} headersMs
 * @property {number} bodyMs
 * @property {string} operation
 * @property {Uint8Array} plain the body without the fault
 * @property {Awaited<ReturnType<typeof open>>} stage
 */
async function look(request, signal = undefined, begun = () => {}) {
  const start = performance.now();
  const seen = { bytes: new Uint8Array(), text: "", headersMs: 0, bodyMs: 0 };
  try {
    seen.response = await request(signal);
    begun();
    seen.headersMs = performance.now() - start;
    seen.bytes = new Uint8Array(await seen.response.arrayBuffer());
    seen.bodyMs = performance.now() - start;
    seen.text = new TextDecoder().decode(seen.bytes);
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

/** Waits until a fault has struck. */
async function struck(sandbox, text) {
  for (let left = 500; left > 0; left -= 1) {
    if (sandbox.calls.some(({ fault }) => fault === text)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${text} did not strike`);
}

inBothPlaces("an id carries faults: counted, aimed, several", async ({ authorized, put, statusOf }) => {
  const status = async (path) => (await authorized(`/partner/piirequest/${path}`)).status;
  assert.deepEqual(
    [await status("abc123~503x2"), await status("abc123~503x2"), await status("abc123~503x2")],
    [503, 503, 200],
  );
  const { id, links } = await (await authorized("/partner/piirequest/abc123~503x2")).json();
  assert.equal(id, "abc123~503x2");
  assert.ok(links[1].href.endsWith("/abc123~503x2/evidence/idDocumentFront"));
  assert.equal(await status("passport~evidence.410"), 200);
  assert.equal(await status("passport~evidence.410/evidence/idDocumentFront"), 410);
  const several = "abc123~500x1~pii.502x1~504x1";
  assert.deepEqual(
    [await status(several), await status(several), await status(several), await status(several)],
    [500, 502, 504, 200],
  );
  assert.equal((await put("abc123~status.apply-then-500x1", "partner-fail")).status, 500);
  assert.equal(await statusOf("abc123~status.apply-then-500x1"), "partner-fail");
  // A fault that does not fit the operation leaves it alone.
  assert.equal(await status("abc123~apply-then-500"), 200);
});

inBothPlaces("a header carries faults, counted for its text and path", async ({ call }) => {
  const search = async (fault, query = "") =>
    (await call(`/v1/attestations/search${query}`, { headers: { "x-sandbox-fault": fault } })).status;
  assert.deepEqual([await search("503x1"), await search("503x1"), await search("503x1, 500")], [503, 200, 503]);
  // Each of two that are alike counts, and another path does for itself.
  const twice = "500x1, 500x1";
  assert.deepEqual([await search(twice), await search(twice), await search(twice)], [500, 500, 200]);
  assert.equal((await call("/v1/attestations", { headers: { "x-sandbox-fault": "503x1" } })).status, 503);
  assert.equal(await search("token.503"), 200);
  assert.equal(await search("token.503, search.418"), 418);
  const wrong = await call("/v1/attestations/search", { headers: { "x-sandbox-fault": "wish" } });
  assert.equal(wrong.status, 400);
  assert.match((await wrong.json()).error_description, /no fault is called "wish"/);
});

inBothPlaces("faults come before the token is looked at, or after it, as they say", async ({ call, sandbox }) => {
  sandbox.fault("pii.503x1");
  assert.equal((await call("/partner/piirequest/abc123")).status, 503);
  sandbox.fault("pii.cut-bodyx1");
  assert.equal((await call("/partner/piirequest/abc123")).status, 401);
  // The refusal did not use up the strike, which nobody has felt.
  assert.deepEqual(
    sandbox.calls.map(({ status, fault }) => [status, fault]),
    [
      [503, "pii.503x1"],
      [401, null],
    ],
  );
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  await assert.rejects(async () => (await call("/partner/piirequest/abc123", { headers })).text(), {
    message: "terminated",
  });
});

test("a standing fault can be aimed at a request, counted, and taken back", async () => {
  const { sandbox, authorized } = await open("in-process", { faults: ["search.503"] });
  const status = async (path) => (await authorized(path)).status;
  assert.equal(await status("/v1/attestations/search"), 503);
  const back = sandbox.fault({ fault: "500", requestId: "abc123", operation: "pii", times: 5 });
  assert.equal(await status("/partner/piirequest/abc123"), 500);
  assert.equal(await status("/partner/piirequest/passport"), 200);
  back();
  assert.equal(await status("/partner/piirequest/abc123"), 200);
  sandbox.fault({ fault: "pii.502x1" });
  assert.deepEqual(
    [await status("/partner/piirequest/passport"), await status("/partner/piirequest/passport")],
    [502, 200],
  );
  sandbox.reset();
  // Those of the options stand again.
  assert.equal(await status("/v1/attestations/search"), 503);
});

test("whoever comes first with a verdict changes nothing that was decided, or awaits no decision", async () => {
  const { sandbox, put, statusOf } = await open("in-process");
  await put("abc123", "partner-pass");
  for (const id of ["abc123", "awaiting-user"]) {
    const before = await statusOf(id);
    for (const name of ["same-verdict-first", "other-verdict-first"]) {
      for (const verdict of ["partner-pass", "partner-fail"]) {
        sandbox.fault(`status.${name}x1`);
        assert.equal((await put(id, verdict)).status, 409);
        assert.equal(await statusOf(id), before, `${id}, ${name}`);
      }
    }
  }
});

test("a token lives for as many seconds as its fault says", async () => {
  let now = 1_800_000_000_000;
  const { sandbox, exchange, call } = await open("in-process", { now: () => now });
  const user = { ...GRANT, grant_type: "authorization_code", code: "johnsmith" };
  for (const [operation, path, asked, grant] of /** @type {[string, string, string, object][]} */ ([
    ["token", "/oauth/token", "/partner/piirequest/abc123", GRANT],
    ["userToken", "/v1/auth/token", "/v1/attestations", user],
  ])) {
    sandbox.fault(`${operation}.short-token_7x1`);
    const { access_token, expires_in } = await (await exchange(grant, { path })).json();
    assert.equal(expires_in, 7);
    const status = async () => (await call(asked, { headers: { authorization: `Bearer ${access_token}` } })).status;
    now += 6_999;
    assert.equal(await status(), 200, operation);
    now += 1;
    assert.equal(await status(), 401, operation);
  }
});

test("no more is removed than there is", async () => {
  for (const name of ["shrink-front", "shrink-back"]) {
    const { sandbox, call } = await open("in-process", { attestations: 5 });
    sandbox.fault(`search.${name}_3`);
    for (const total of [5, 2, 0, 0]) {
      const { data, meta } = await (await call("/v1/attestations/search")).json();
      assert.deepEqual([data.length, meta.total], [total, total], name);
    }
  }
});

test("a page holds no more than its fault says, and says so", async () => {
  const { sandbox, call } = await open("in-process");
  for (const [most, length] of [
    [2, 2],
    [0, 1],
    [9, 5],
  ]) {
    sandbox.fault(`search.page-capped_${most}x1`);
    const { data, meta } = await (await call("/v1/attestations/search?per_page=5&page=2")).json();
    assert.deepEqual([data.length, meta.per_page, meta.page], [length, length, 2], String(most));
  }
});

test("concurrent requests never share a strike", async () => {
  const { sandbox, call } = await open("in-process");
  sandbox.fault("search.503x3");
  const answers = await Promise.all(Array.from({ length: 10 }, () => call("/v1/attestations/search?per_page=1")));
  assert.equal(answers.filter(({ status }) => status === 503).length, 3);
});

test("the counts of ids are forgotten, the longest unused first, when there are too many; a standing fault's never", async () => {
  const { sandbox, call } = await open("in-process");
  const status = async (id) => (await call(`/partner/piirequest/${id}`)).status;
  sandbox.fault("pii.500x1");
  assert.deepEqual([await status("abc123"), await status("abc123")], [500, 401]);
  assert.deepEqual([await status("abc123~503x1"), await status("passport~503x1")], [503, 503]);
  for (let i = 0; i < 10_000; i++) {
    if (i === 5_000) assert.equal(await status("abc123~503x1"), 401);
    await status(`passport~418~copy_${i}`);
  }
  assert.deepEqual(
    [await status("abc123~503x1"), await status("passport~503x1"), await status("abc123")],
    [401, 503, 401],
  );
});

test("a fault that is not in the grammar is a TypeError that says why", () => {
  const sandbox = createSandbox();
  const wrong = [
    "",
    "wish",
    "503x",
    "503_x2",
    // It takes no number.
    "503_9999",
    "hang_0",
    "nowhere.503",
    "evidence.malformed-json",
    "search.apply-then-500",
    "__proto__",
    null,
    5,
    {},
    { fault: ["503"] },
    { fault: "503", argument: 1 },
    // More than the grammar holds: a timer would end at once, and a date be none.
    { fault: "slow-headers", argument: 3e9 },
    { fault: "429-date", argument: 1e15 },
    // Told twice, and differently.
    { fault: "evidence.503", operation: "pii" },
    { fault: "slow-body_5", argument: 6 },
    { fault: "503x2", times: 3 },
    { fault: "503x2", times: Number.POSITIVE_INFINITY },
  ];
  for (const spec of wrong) assert.throws(() => sandbox.fault(/** @type {string} */ (spec)), TypeError, String(spec));
  // @ts-expect-error: a fault has no such part
  assert.throws(() => sandbox.fault({ fault: "503", wish: 1 }), /a fault has no "wish"/);
  assert.throws(() => sandbox.fault({ fault: "503", times: -1 }), /a fault's times is a whole number/);
  assert.throws(() => sandbox.fault({ fault: "503", argument: 1.5 }), /a fault's argument is a whole number/);
  // @ts-expect-error: an id is a string
  assert.throws(() => sandbox.fault({ fault: "503", requestId: 1 }), /requestId is a string/);
  // Told twice alike does no harm, nor does a default by name.
  for (const spec of /** @type {import("passdesk/sandbox").FaultSpec[]} */ ([
    { fault: "evidence.slow-body_5x2", operation: "evidence", argument: 5, times: 2 },
    { fault: "503", times: Number.POSITIVE_INFINITY },
    { fault: "slow-body", argument: 9_999_999 },
  ])) {
    sandbox.fault(spec)();
  }
  assert.throws(() => sandbox.fault("evidence.other-id"), /"other-id" does not fit the operation "evidence"/);
});

test("a record of fields that bite is JSON also where there was no field", async () => {
  const requests = [{ id: "none", verifiedInformation: {} }];
  const { authorized } = await open("in-process", { requests });
  const { verifiedInformation } = await (await authorized("/partner/piirequest/none~proto")).json();
  assert.deepEqual(Object.keys(verifiedInformation), ["__proto__"]);
});

test("totals change on the way as asked: nothing is lost but what was removed", async () => {
  const since = "2019-01-25T00:00:00.000Z";
  for (const filter of [
    "",
    "&fieldName=type&fieldValue=phone_number",
    `&fieldName=created_atgt&fieldValue=${since}`,
    `&fieldName=created_atlte&fieldValue=${since}`,
  ]) {
    for (const name of ["grow-front", "grow-back", "shrink-front", "shrink-back"]) {
      const { sandbox, call } = await open("in-process", { attestations: 400 });
      const get = async (query) => (await call(`/v1/attestations/search?${query}${filter}`)).json();
      const before = (await get("per_page=500")).data.map(({ uuid }) => uuid);
      sandbox.fault(`search.${name}_2`);
      const first = await get("per_page=10");
      const second = await get("per_page=10&page=2");
      const third = await get("per_page=500");
      const change = name.startsWith("grow") ? 2 : -2;
      assert.deepEqual(
        [first, second, third].map(({ meta }) => meta.total - before.length),
        [0, change, 2 * change],
        name,
      );
      const now = third.data.map(({ uuid }) => uuid);
      assert.equal(now.length, third.meta.total, name);
      assert.equal(new Set(now).size, now.length, name);
      const left = { "shrink-front": before.slice(4), "shrink-back": before.slice(0, -4) }[name] ?? before;
      const start = name === "grow-front" ? 4 : 0;
      assert.deepEqual(now.slice(start, start + left.length), left, name);
      // The second page is shifted by what came or went before it.
      const shift = { "grow-front": -2, "shrink-front": 2 }[name] ?? 0;
      assert.equal(second.data[0].uuid, before[10 + shift], name);
      for (const { type, created_at } of third.data) {
        if (filter.includes("type")) assert.equal(type, "phone_number", name);
        if (filter.includes("gt")) assert.ok(created_at > since, name);
        if (filter.includes("lte")) assert.ok(created_at <= since, name);
      }
    }
  }
});
