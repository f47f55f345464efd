// @ts-check
// What becomes of an id, whatever happens to the page: in real Chromium with its own storage, locks and tabs, over sockets
// to an intake on another origin.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launchChromium, openIntake, openSite, openTab, pause, until, withoutCivic } from "./stage.mjs";

const DAY_MS = 24 * 60 * 60_000;

/** Pauses that no test outlasts: the jitter is far beyond what a browser's own can be. */
const longPauses = () => {
  Math.random = () => 100;
};

/** @param {typeof import("./stage.mjs").REACT_19} react */
export function testHandoff(react) {
  describe(`React ${react.major}`, () => {
    /** @type {import("playwright-core").Browser} */
    let browser;
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof openIntake>>} */
    let intake;
    /** @type {import("playwright-core").BrowserContext} */
    let context;
    /** @type {Awaited<ReturnType<typeof openTab>>[]} */
    let tabs;
    before(async () => {
      browser = await launchChromium();
      site = await openSite(react);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });
    beforeEach(async () => {
      intake = await openIntake();
      context = await browser.newContext();
      await withoutCivic(context);
      tabs = [];
    });
    afterEach(async () => {
      const troubles = tabs.flatMap((tab) => tab.troubles);
      await context.close();
      await intake.close();
      assert.deepEqual(troubles, [], "the console stays clean");
    });
    const open = async (settings = {}) => {
      const tab = await openTab(context, site.url, { endpoint: intake.url, ...settings });
      tabs.push(tab);
      return tab;
    };
    const ids = () => intake.received.map(({ id }) => id);
    /** @param {Record<string, unknown>} entry @param {string} [id] */
    const store = (entry, id = "abc123") =>
      context.addInitScript(
        ([key = "", value = ""]) => {
          if (sessionStorage.getItem("laid") === null) localStorage.setItem(key, value);
          sessionStorage.setItem("laid", "yes");
        },
        [`passdesk.handoff:${intake.url}#${id}`, typeof entry === "string" ? entry : JSON.stringify(entry)],
      );

    test("is the React that it says", async () => {
      const tab = await open();
      const version = await tab.page.evaluate(() => Reflect.get(globalThis, "dapp").version);
      assert.equal(version.split(".")[0], String(react.major));
    });

    for (const strict of [false, true]) {
      test(`the id that the real provider shows for two seconds is delivered${strict ? ", in StrictMode" : ""}`, async () => {
        /** @type {Awaited<ReturnType<typeof openTab>> | undefined} */
        let dapp;
        // The desk answers later than the id vanishes.
        intake.answer(async () => {
          await until(async () => {
            const states = (await dapp?.states()) ?? [];
            return states.some(({ shown }) => shown) && states.at(-1)?.shown === false;
          });
          return { status: 202 };
        });
        // StrictMode starts the provider twice, and the first one's answer is lost.
        const pending = [202, { pending: { presentationRequestId: "abc123" } }];
        const records = [...(strict ? [pending] : []), pending, [200, {}]];
        const tab = await open({ gateway: true, strict, records });
        dapp = tab;
        await tab.reaches("accepted");
        const states = await tab.states();
        const shown = states.filter((state) => state.shown);
        assert.ok(shown.length > 0 && shown.every((state) => state.pass === "IN_REVIEW"), "the id was there");
        const after = states.slice(states.findIndex((state) => state.shown)).filter((state) => !state.shown);
        assert.deepEqual(
          after.map(({ status }) => status),
          ["sending", "accepted"],
          "and went before the desk had answered",
        );
        assert.deepEqual(ids(), ["abc123"]);
      });
    }

    test("one POST of JSON, with no cookie and nothing else of the user's", async () => {
      await context.addCookies([{ name: "session", value: "s3cret", url: intake.url }]);
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("accepted");
      const origin = site.url;
      const type = "application/json";
      assert.deepEqual(intake.received, [
        { id: "abc123", method: "POST", origin, cookie: undefined, type, body: '{"requestId":"abc123"}' },
      ]);
      assert.deepEqual(
        (await tab.states()).map(({ status }) => status),
        ["idle", "idle", "sending", "accepted"],
      );
      const [[key = "", value = ""] = []] = Object.entries(await tab.stored());
      assert.equal(key, `passdesk.handoff:${intake.url}#abc123`);
      assert.deepEqual(Object.keys(JSON.parse(value)).sort(), ["accepted", "since"]);
    });

    test("never twice after a 202: shown again, rendered twice, mounted again, reloaded, and a month long", async () => {
      await context.clock.install();
      const tab = await open({ strict: true, twice: true });
      for (let i = 0; i < 3; i += 1) {
        await tab.showId("abc123");
        await tab.reaches("accepted");
        await tab.show(undefined);
      }
      await tab.call("unmount");
      await tab.call("mount");
      await tab.showId("abc123");
      await tab.reaches("accepted");
      for (let day = 0; day < 60; day += 20) {
        await context.clock.fastForward(20 * DAY_MS);
        await tab.page.reload();
        await tab.showId("abc123");
        await tab.reaches("accepted");
      }
      assert.deepEqual(ids(), ["abc123"]);
      // What is not shown any more is forgotten in the end.
      await context.clock.fastForward(31 * DAY_MS);
      await tab.page.reload();
      await until(async () => Object.keys(await tab.stored()).length === 0);
    });

    test("two ids, one after the other, both arrive, and the newest is told of", async () => {
      intake.answer(async (_nth, id) => {
        if (id === "first") await pause(1_000);
        return { status: id === "first" ? 202 : 403 };
      });
      const tab = await open();
      await tab.showId("first");
      await tab.showId("second");
      await tab.reaches("failed");
      await until(() => ids().length === 2);
      await until(async () => Object.values(await tab.stored()).some((value) => value.includes("accepted")));
      assert.equal(await tab.status(), "failed");
    });

    test("what another tab handed over meanwhile is not sent again by the one that it did not wait for", async () => {
      intake.answer((nth) => (nth === 1 ? "hang" : { status: 202 }));
      const patient = await open({ timeoutMs: 9_000 });
      await patient.showId("abc123");
      await until(() => ids().length === 1);
      const impatient = await open({ timeoutMs: 1_000 });
      await impatient.showId("abc123");
      await impatient.reaches("accepted");
      assert.equal(ids().length, 2);
      // The first has its answer by then, and its next try, which would come within a second.
      await pause(6_000);
      assert.equal(ids().length, 2);
      await patient.reaches("accepted");
      assert.ok(!(await patient.states()).some(({ status }) => status === "waiting"));
    });

    test("what another tab handed over stays handed over in one that waited", async () => {
      await context.addInitScript(longPauses);
      intake.answer((nth) => ({ status: nth === 1 ? 503 : 202 }));
      const one = await open();
      await one.showId("abc123");
      await one.reaches("waiting");
      const two = await open();
      await two.reaches("waiting");
      await two.call("retry");
      await two.reaches("accepted");
      await one.reaches("accepted");
      await pause(1_000);
      const told = (await one.states()).map(({ status }) => status);
      assert.deepEqual(told.slice(told.indexOf("waiting")), ["waiting", "accepted"]);
      assert.equal(ids().length, 2);
    });

    test("offline, then online", async () => {
      const tab = await open();
      await context.setOffline(true);
      await tab.showId("abc123");
      await tab.reaches("waiting");
      await pause(1_500);
      assert.deepEqual(ids(), []);
      assert.equal(Object.keys(await tab.stored()).length, 1, "it is kept");
      await context.setOffline(false);
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    test("a browser that calls itself offline all the time is tried now and then", async () => {
      await context.clock.install();
      await context.addInitScript(() => Object.defineProperty(navigator, "onLine", { value: false }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("waiting");
      // Time goes on by itself as well, on a busy machine for many a second.
      await tab.page.clock.runFor(30_000);
      await pause(200);
      assert.deepEqual(ids(), []);
      await tab.page.clock.runFor(30_000);
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    test("a tab that is closed before the answer: the next visit takes over", async () => {
      intake.answer((nth) => (nth === 1 ? "hang" : { status: 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await until(() => ids().length === 1);
      await tab.page.close();
      const next = await open();
      await next.reaches("accepted");
      assert.deepEqual(ids(), ["abc123", "abc123"]);
      await next.page.reload();
      await pause(300);
      assert.equal(await next.status(), "idle");
      assert.equal(ids().length, 2);
    });

    test("a tab that is closed at once: the request goes out all the same", async () => {
      // What is held back for a route of Playwright's goes with its page.
      await context.unrouteAll();
      // The browser asks first (CORS) and sends then: that is answered once the page has gone.
      let [asks, closed] = [0, false];
      intake.ask(async () => {
        asks += 1;
        await until(() => closed);
        await pause(500);
      });
      const other = await open({ endpoint: undefined });
      const tab = await open();
      await tab.showId("abc123");
      await until(() => asks === 1);
      await tab.page.close();
      closed = true;
      await until(() => ids().length === 1);
      await other.page.close();
      const next = await open();
      await next.reaches("accepted");
      assert.ok(ids().length <= 2);
    });

    test("a reload before the answer", async () => {
      intake.answer((nth) => (nth === 1 ? "hang" : { status: 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await until(() => ids().length === 1);
      await tab.page.reload();
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123", "abc123"]);
    });

    async function oneOfTwoTabsSends() {
      intake.answer(async () => {
        await pause(500);
        return { status: 202 };
      });
      const [one, two] = [await open(), await open()];
      await Promise.all([one.showId("abc123"), two.showId("abc123")]);
      await Promise.all([one.reaches("accepted"), two.reaches("accepted")]);
      assert.deepEqual(ids(), ["abc123"]);
      return one;
    }

    test("two tabs: one sends, both know", async () => {
      await oneOfTwoTabsSends();
    });

    test("two tabs: one sends, though the other sees late what was written", async () => {
      // Each tab's storage is its own process's, told of another's a moment later: here by a tenth of a second.
      await context.addInitScript(() => {
        if (location.origin === "null") return;
        const { getItem } = Storage.prototype;
        /** @type {{ at: number, held: Record<string, string> }[]} */
        const past = [{ at: Number.NEGATIVE_INFINITY, held: {} }];
        setInterval(() => past.push({ at: performance.now(), held: { ...localStorage } }), 5);
        Storage.prototype.getItem = function (key) {
          if (this !== localStorage) return getItem.call(this, key);
          const now = performance.now();
          const shown = past.findLast(({ at }) => at < now - 100);
          // A busy machine looked too seldom to say what stood there then.
          return shown && shown.at > now - 150 ? (shown.held[key] ?? null) : getItem.call(this, key);
        };
      });
      await oneOfTwoTabsSends();
    });

    test("two tabs without Web Locks: a lease in the storage does it", async () => {
      await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
      const one = await oneOfTwoTabsSends();
      await until(async () => Object.keys(await one.stored()).length === 1, 5_000, "the lease's end");
    });

    test("two tabs: where the sender is closed, the other one takes over", async () => {
      intake.answer((nth) => (nth === 1 ? "hang" : { status: 202 }));
      const one = await open();
      await one.showId("abc123");
      await until(() => ids().length === 1);
      const two = await open();
      await two.reaches("sending");
      await one.page.close();
      await two.reaches("accepted");
      assert.deepEqual(ids(), ["abc123", "abc123"]);
    });

    test("two tabs: what one was shown and could not hand over, the other one takes over that was there before", async () => {
      let closed = false;
      intake.answer(() => (closed ? { status: 202 } : "hang"));
      // Either may be the first to have its turn: the other one hears of the id before it is sent.
      const [other, one] = [await open({ timeoutMs: 2_000 }), await open()];
      await one.showId("abc123");
      await until(() => ids().length === 1);
      await one.page.close();
      closed = true;
      await other.reaches("accepted", 20_000);
    });

    test("without Web Locks: of two tabs that took the lease at once the last one has it", async () => {
      await context.addInitScript(() => {
        Object.defineProperty(navigator, "locks", { value: undefined });
        const { setItem } = Storage.prototype;
        Storage.prototype.setItem = function (key, value) {
          setItem.call(this, key, value);
          if (!key.startsWith("passdesk.handoff.lease:") || Reflect.has(globalThis, "over")) return;
          const over = Date.now() + 1_500;
          Object.assign(globalThis, { over });
          setTimeout(() => setItem.call(this, key, `0.5 ${over}`), 20);
        };
      });
      let arrived = 0;
      intake.answer(() => {
        arrived = Date.now();
        return { status: 202 };
      });
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.ok(arrived >= (await tab.page.evaluate(() => Reflect.get(globalThis, "over"))));
    });

    test("without Web Locks: a lease that a wrong clock wrote is not waited for", async () => {
      await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
      const tab = await open();
      await tab.page.evaluate(
        ([key = "", value = ""]) => localStorage.setItem(key, value),
        [`passdesk.handoff.lease:${intake.url}`, `0.5 ${Date.now() + DAY_MS}`],
      );
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    test("a tab that sleeps with its lock in hand stops nobody for ever", async () => {
      await context.clock.install();
      const one = await open();
      await one.call("unmount");
      await one.page.evaluate(
        (name) => void navigator.locks.request(name, () => new Promise(() => {})),
        `passdesk.handoff:${intake.url}#abc123`,
      );
      const two = await open();
      await two.showId("abc123");
      await two.reaches("sending");
      await two.page.clock.fastForward(36_000);
      await two.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    test("the desk is down for a minute", async () => {
      await context.clock.install();
      await intake.down();
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("waiting");
      assert.equal((await tab.error()).code, "network");
      assert.equal((await tab.error()).retryable, true);
      let attempts = 0;
      tab.page.on("requestfailed", () => {
        attempts += 1;
      });
      for (let second = 0; second < 60; second += 1) {
        await tab.page.clock.runFor(1_000);
        await pause(15);
      }
      assert.ok(attempts >= 3 && attempts <= 40, `${attempts} attempts in a minute`);
      // The last attempt may be under way.
      await tab.reaches("waiting");
      await intake.up();
      await until(async () => {
        await tab.page.clock.runFor(1_000);
        return (await tab.status()) === "accepted";
      });
      assert.equal(await tab.error(), undefined);
      assert.deepEqual(ids(), ["abc123"]);
    });

    for (const status of [408, 429, 500, 502, 503, 504]) {
      test(`${status} is tried again`, async () => {
        intake.answer((nth) => ({ status: nth < 3 ? status : 202 }));
        const tab = await open();
        await tab.showId("abc123");
        await tab.reaches("accepted");
        assert.equal(ids().length, 3);
        const waiting = (await tab.states()).filter((state) => state.status === "waiting");
        assert.ok(waiting.length > 0 && waiting.every((state) => state.code !== undefined), "it said why it waited");
      });
    }

    test("a connection that breaks is tried again", async () => {
      intake.answer((nth) => (nth < 3 ? "reset" : { status: 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("accepted");
      // Chromium itself may send a second time over a connection that it had kept.
      assert.ok(ids().length >= 3);
    });

    test("an answer that never comes is given up after `timeoutMs`, and tried again", async () => {
      intake.answer((nth) => (nth === 1 ? "hang" : { status: 202 }));
      const tab = await open({ timeoutMs: 2_000 });
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.ok((await tab.states()).some(({ status, code }) => status === "waiting" && code === "timeout"));
      assert.equal(ids().length, 2);
    });

    test("Retry-After is obeyed: over a reload, `retry()` and the network's return", async () => {
      await context.clock.install();
      intake.answer((nth) => (nth === 1 ? { status: 429, headers: { "retry-after": "600" } } : { status: 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("waiting");
      const { code, status, retryAfterMs } = await tab.error();
      assert.deepEqual({ code, status, retryAfterMs }, { code: "rate_limited", status: 429, retryAfterMs: 600_000 });
      // Time goes on by itself as well, on a busy machine for many a second.
      await tab.page.clock.runFor(280_000);
      await tab.call("retry");
      await tab.page.evaluate(() => dispatchEvent(new Event("online")));
      await pause(200);
      await tab.page.reload();
      await tab.reaches("waiting");
      await tab.page.clock.runFor(280_000);
      await pause(200);
      assert.equal(ids().length, 1);
      await tab.page.clock.runFor(50_000);
      await tab.reaches("accepted");
      assert.equal(ids().length, 2);
    });

    test("a Retry-After of days is obeyed for an hour", async () => {
      await context.clock.install();
      intake.answer((nth) => (nth === 1 ? { status: 503, headers: { "retry-after": "172800" } } : { status: 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("waiting");
      assert.equal((await tab.error()).retryAfterMs, 2 * DAY_MS);
      await tab.page.clock.runFor(3_500_000);
      await pause(200);
      assert.equal(ids().length, 1);
      await tab.page.clock.runFor(101_000);
      await tab.reaches("accepted");
      assert.equal(ids().length, 2);
    });

    for (const [status, code] of /** @type {const} */ ([
      [200, "bad_response"],
      [204, "bad_response"],
      [302, "redirected"],
      [400, "rejected"],
      [401, "unauthorized"],
      [403, "forbidden"],
      [404, "not_found"],
      [409, "conflict"],
      [413, "rejected"],
      [415, "rejected"],
      [501, "upstream"],
    ])) {
      test(`${status} is \`${code}\`, final, kept, and tried again by retry()`, async () => {
        intake.answer((nth) => ({ status: nth === 1 ? status : 202, headers: { location: site.url } }));
        const tab = await open();
        await tab.showId("abc123");
        await tab.reaches("failed");
        const error = await tab.error();
        assert.equal(error.name, "PassdeskError");
        assert.deepEqual(
          [error.code, error.operation, error.attempts, error.retryable, error.status],
          [code, "useReviewHandoff", 1, false, status === 302 ? undefined : status],
        );
        assert.doesNotMatch(error.message, /abc123|127\.0\.0\.1|http/u);
        await pause(800);
        assert.equal(ids().length, 1, "not tried again by itself");
        assert.equal(Object.keys(await tab.stored()).length, 1, "and not lost");
        await tab.call("retry");
        await tab.reaches("accepted");
        assert.equal(await tab.error(), undefined);
        assert.equal(ids().length, 2);
      });
    }

    for (const [status, insistsOn] of /** @type {const} */ ([
      [403, "failed"],
      [503, "waiting"],
    ])) {
      test(`retry() at the very moment of \`${insistsOn}\`, from an effect, tries at once`, async () => {
        await context.addInitScript(longPauses);
        intake.answer((nth) => ({ status: nth === 1 ? status : 202 }));
        const tab = await open({ insistsOn });
        await tab.showId("abc123");
        await tab.reaches("accepted");
        assert.equal(ids().length, 2);
      });
    }

    test("what was refused is tried once by the next visit", async () => {
      intake.answer(() => ({ status: 403 }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("failed");
      await tab.page.reload();
      await tab.reaches("failed");
      await pause(500);
      assert.equal(ids().length, 2);
    });

    test("what was refused is not tried again on the same visit, whatever is mounted or shown", async () => {
      intake.answer((_nth, id) => ({ status: id === "first" ? 403 : 202 }));
      const tab = await open();
      await tab.showId("first");
      await tab.reaches("failed");
      await tab.call("unmount");
      await tab.call("mount");
      await tab.reaches("failed");
      await tab.showId("second");
      await tab.reaches("accepted");
      await pause(500);
      assert.deepEqual(ids(), ["first", "second"]);
    });

    test("unmounting takes nothing back", async () => {
      intake.answer((nth) => ({ status: nth === 1 ? 503 : 202 }));
      const tab = await open();
      await tab.showId("abc123");
      await until(() => ids().length === 1);
      await tab.call("unmount");
      await until(() => ids().length === 2);
      await until(async () => Object.values(await tab.stored()).some((value) => value.includes("accepted")));
    });

    test("what was offline when it was unmounted goes as soon as the network is back", async () => {
      const tab = await open();
      await context.setOffline(true);
      await tab.showId("abc123");
      await tab.reaches("waiting");
      await tab.call("unmount");
      await context.setOffline(false);
      await until(() => ids().length === 1);
    });

    test("an id that cannot be handed over for seven days is forgotten; one of six days is not", async () => {
      await store({ since: Date.now() - 7 * DAY_MS - 60_000 }, "old");
      const tab = await open();
      await until(async () => Object.keys(await tab.stored()).length === 0);
      assert.equal(await tab.status(), "idle");
      assert.deepEqual(ids(), []);
      await tab.page.evaluate(
        ([key = "", value = ""]) => localStorage.setItem(key, value),
        [`passdesk.handoff:${intake.url}#young`, JSON.stringify({ since: Date.now() - 6 * DAY_MS })],
      );
      await tab.page.reload();
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["young"]);
    });

    test("a page that is open for longer than that forgets it, too, and says why", async () => {
      await context.clock.install();
      intake.answer(() => ({ status: 503 }));
      const tab = await open();
      await tab.showId("abc123");
      await tab.reaches("waiting");
      await tab.page.clock.fastForward(7 * DAY_MS + 60_000);
      await tab.reaches("failed");
      assert.equal((await tab.error()).status, 503);
      assert.deepEqual(await tab.stored(), {});
    });

    test("of those that earlier visits left the newest is told of", async () => {
      intake.answer((_nth, id) => ({ status: id === "a-newer" ? 403 : 202 }));
      const tab = await open();
      await tab.page.evaluate((prefix) => {
        const entry = (/** @type {number} */ ago) => JSON.stringify({ since: Date.now() - ago });
        localStorage.setItem(`${prefix}b-older`, entry(2_000));
        localStorage.setItem(`${prefix}a-newer`, entry(1_000));
      }, `passdesk.handoff:${intake.url}#`);
      await tab.page.reload();
      await until(async () => Object.values(await tab.stored()).some((value) => value.includes("accepted")));
      await tab.reaches("failed");
    });

    test("what was cleared from the storage while it waited is delivered all the same", async () => {
      await context.clock.install();
      await store({ since: Date.now(), notBefore: Date.now() + 600_000, asked: true });
      const tab = await open();
      await tab.reaches("waiting");
      await tab.page.evaluate(() => localStorage.clear());
      await tab.page.clock.runFor(601_000);
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    for (const [what, entry] of Object.entries({
      "no JSON": "{",
      empty: "",
      null: "null",
      "a list": "[]",
      "a number": "7",
      "wrong types": '{"since":"yesterday","notBefore":{},"asked":1,"accepted":"yes"}',
      "a clock that was wrong": JSON.stringify({ since: 9e15, notBefore: -1 }),
      "a prototype": '{"__proto__":{"accepted":true},"since":1e999}',
    })) {
      test(`a stored entry that is ${what} still delivers its id`, async () => {
        await store(/** @type {any} */ (entry));
        const tab = await open();
        await tab.reaches("accepted");
        assert.deepEqual(ids(), ["abc123"]);
      });
    }

    test("a pause in the storage that a wrong clock wrote ends within the hour", async () => {
      await context.clock.install();
      await store({ since: Date.now(), notBefore: Date.now() + 365 * DAY_MS, asked: true });
      const tab = await open();
      await tab.reaches("waiting");
      await tab.page.clock.runFor(3_601_000);
      // It looks again each hour, and the year is long: a person need not wait for it.
      await tab.reaches("waiting");
      assert.deepEqual(ids(), []);
    });

    test("stored names that are no ids go nowhere", async () => {
      await store({ since: Date.now() }, "../etc passwd");
      const tab = await open();
      await until(async () => Object.keys(await tab.stored()).length === 0);
      assert.deepEqual(ids(), []);
    });

    for (const [what, script] of /** @type {[string, () => void][]} */ ([
      ["absent", () => Object.defineProperty(window, "localStorage", { value: undefined })],
      ["null", () => Object.defineProperty(window, "localStorage", { value: null })],
      [
        "forbidden",
        () =>
          Object.defineProperty(window, "localStorage", {
            get() {
              throw new DOMException("no", "SecurityError");
            },
          }),
      ],
      [
        "full",
        () => {
          Storage.prototype.setItem = () => {
            throw new DOMException("full", "QuotaExceededError");
          };
        },
      ],
      [
        "broken",
        () => {
          for (const name of ["getItem", "setItem", "removeItem", "key"]) {
            Object.defineProperty(Storage.prototype, name, {
              value: () => {
                throw new Error("broken");
              },
            });
          }
        },
      ],
    ])) {
      for (const locks of [true, false]) {
        test(`localStorage that is ${what}${locks ? "" : ", and no Web Locks"}: delivered once all the same`, async () => {
          await context.addInitScript(script);
          if (!locks)
            await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
          intake.answer((nth) => ({ status: nth === 1 ? 503 : 202 }));
          const tab = await open({ strict: true });
          await tab.showId("abc123");
          await tab.reaches("accepted");
          await tab.show(undefined);
          await tab.showId("abc123");
          await pause(200);
          assert.equal(await tab.status(), "accepted");
          assert.equal(ids().length, 2);
        });
      }
    }

    test("localStorage that is full by then: a desk that asked to be left alone is, whoever asks for another try", async () => {
      intake.answer(() => ({ status: 429, headers: { "retry-after": "3600" } }));
      const tab = await open();
      await tab.page.evaluate(() => {
        const { setItem } = Storage.prototype;
        let room = 1;
        Storage.prototype.setItem = function (name, value) {
          if (room === 0) throw new DOMException("full", "QuotaExceededError");
          room -= 1;
          setItem.call(this, name, value);
        };
      });
      await tab.showId("abc123");
      await tab.reaches("waiting");
      await tab.call("retry");
      await pause(1000);
      assert.deepEqual(ids(), ["abc123"]);
      assert.equal(await tab.status(), "waiting");
    });

    test("nothing to hand over is no error, and sends nothing", async () => {
      const tab = await open();
      for (const pending of [undefined, null, {}, [], "abc123", 7, true, { presentationRequestId: null }, [{ a: 1 }]]) {
        await tab.show(pending);
        await pause(30);
        assert.equal(await tab.status(), "idle", JSON.stringify(pending));
      }
      await tab.call("showOdd", "function");
      assert.equal(await tab.status(), "idle");
      assert.deepEqual(ids(), []);
      assert.deepEqual(await tab.stored(), {});
    });

    test("what cannot be an id is said so, and goes nowhere", async () => {
      const tab = await open();
      for (const id of ["", ".", "..", "a/b", "a b", "ä", "a#b", "x".repeat(129), "a\n", 7, {}, ["abc123"], true]) {
        await tab.show({ presentationRequestId: id });
        await tab.reaches("failed");
        const { code, message, attempts, retryable } = await tab.error();
        assert.deepEqual([code, attempts, retryable], ["invalid_argument", 0, false], JSON.stringify(id));
        assert.match(message, /pendingRequests\.presentationRequestId/u);
        assert.doesNotMatch(message, /xxx|a\/b/u);
        await tab.showId(`good-${String(id).length}`);
        await tab.reaches("accepted");
      }
      for (const odd of ["throwing", "symbol", "bigint"]) {
        await tab.call("showOdd", odd);
        await tab.reaches("failed");
      }
      assert.ok(ids().every((id) => id.startsWith("good-")));
    });

    test("a wrong option is said so, and an endpoint that becomes known late gets the id", async () => {
      const tab = await open({ endpoint: undefined });
      await tab.showId("abc123");
      await tab.show(undefined);
      await tab.reaches("failed");
      for (const [options, named] of /** @type {[any, RegExp][]} */ ([
        [undefined, /options/u],
        [null, /options/u],
        [{}, /`endpoint`/u],
        [{ endpoint: "" }, /`endpoint`/u],
        [{ endpoint: 7 }, /`endpoint`/u],
        [{ endpoint: "http://desk.example/desk/intake" }, /`endpoint`/u],
        [{ endpoint: "https://user:pass@desk.example/desk/intake" }, /`endpoint`/u],
        [{ endpoint: "https://user@desk.example/desk/intake" }, /`endpoint`/u],
        [{ endpoint: "https://:pass@desk.example/desk/intake" }, /`endpoint`/u],
        [{ endpoint: "javascript:alert(1)" }, /`endpoint`/u],
        [{ endpoint: "https://" }, /`endpoint`/u],
        [{ endpoint: intake.url, timeout: 1 }, /`timeout`/u],
        [{ endpoint: intake.url, timeoutMs: 0 }, /`timeoutMs` must be .* at most 2147483647$/u],
        [{ endpoint: intake.url, timeoutMs: Number.NaN }, /`timeoutMs` must be .* at most 2147483647$/u],
        [{ endpoint: intake.url, timeoutMs: "1" }, /`timeoutMs` must be .* at most 2147483647$/u],
        [{ endpoint: intake.url, timeoutMs: 2 ** 31 }, /`timeoutMs` must be .* at most 2147483647$/u],
        [{ endpoint: intake.url, fetch: 1 }, /`fetch`/u],
      ])) {
        await tab.call("use", options);
        await until(async () => named.test((await tab.error())?.message), 5_000, JSON.stringify(options));
        assert.equal((await tab.error()).code, "invalid_argument");
        assert.equal(await tab.status(), "failed");
      }
      await tab.call("useOdd", "throwing");
      await until(async () => /cannot be read/u.test((await tab.error())?.message));
      assert.deepEqual(ids(), []);
      await tab.call("use", { endpoint: intake.url });
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
    });

    test("an endpoint may be a URL, and its fragment is no part of it", async () => {
      const tab = await open({ endpoint: `${intake.url}#part` });
      await tab.call("useOdd", "url");
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.deepEqual(Object.keys(await tab.stored()), [`passdesk.handoff:${intake.url}#abc123`]);
    });

    test("an endpoint of the page's own origin may be written without it, and gets no cookie either", async () => {
      await context.addCookies([{ name: "session", value: "s3cret", url: site.url }]);
      const tab = await open({ endpoint: "/desk/intake" });
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.deepEqual(site.received.splice(0), [{ path: "/desk/intake", cookie: undefined }]);
    });

    test("a page that is not https itself may hand over to its own origin", async () => {
      const origin = "http://dapp.example";
      /** @type {(string | null)[]} */
      const posted = [];
      await context.route(`${origin}/**`, async (route) => {
        const request = route.request();
        if (request.method() !== "POST") {
          return route.fulfill({ response: await route.fetch({ url: request.url().replace(origin, site.url) }) });
        }
        posted.push(request.postData());
        return route.fulfill({ status: 202 });
      });
      const tab = await openTab(context, origin, { endpoint: "/desk/intake" });
      tabs.push(tab);
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.deepEqual(posted, ['{"requestId":"abc123"}']);
    });

    test("a `fetch` of the dApp's own sends, and is given up after `timeoutMs` though it does not heed the signal", async () => {
      const tab = await open();
      await tab.call("useOdd", "deaf");
      await tab.showId("abc123");
      await tab.reaches("waiting");
      assert.equal((await tab.error()).code, "timeout");
      assert.deepEqual(ids(), []);
      await tab.call("useOdd", "fetch");
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
      assert.equal(await tab.page.evaluate(() => Reflect.get(globalThis, "dapp").lent), 1);
    });

    test("a desk on this machine may be http, under each name that the package takes for this machine's", async () => {
      const at = (/** @type {string} */ host) => ({ endpoint: intake.url.replace("127.0.0.1", host) });
      const tab = await open(at("desk.localhost"));
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.deepEqual(ids(), ["abc123"]);
      // Nobody is there.
      await tab.call("use", at("127.0.0.2"));
      await until(async () => (await tab.error())?.code === "network", 5_000, "another of its addresses");
      for (const host of ["notlocalhost", "localhost.example", "127.0.0.1.example"]) {
        await tab.call("use", at(host));
        await until(async () => (await tab.error())?.code === "invalid_argument", 5_000, host);
      }
    });

    test("no listener and no timer is left once all is done and nobody looks", async () => {
      await context.addInitScript(() => {
        /** @type {Map<string, number>} */
        const counts = new Map();
        for (const [name, by] of /** @type {const} */ ([
          ["addEventListener", 1],
          ["removeEventListener", -1],
        ])) {
          const original = window[name];
          window[name] = /** @type {any} */ (
            /** @this {Window} */
            function (/** @type {string} */ type, /** @type {any[]} */ ...rest) {
              counts.set(type, (counts.get(type) ?? 0) + by);
              return Reflect.apply(original, this, [type, ...rest]);
            }
          );
        }
        Object.assign(globalThis, { listening: () => (counts.get("online") ?? 0) + (counts.get("storage") ?? 0) });
        // React's own are shorter, and so is the time for which a lock is kept.
        const long = new Set();
        const [begin, end] = [window.setTimeout, window.clearTimeout];
        window.setTimeout = /** @type {any} */ (
          (/** @type {() => void} */ work, /** @type {number} */ ms) => {
            const id = begin(() => {
              long.delete(id);
              work();
            }, ms);
            if (ms > 10_000) long.add(id);
            return id;
          }
        );
        window.clearTimeout = (id) => {
          long.delete(id);
          end(id);
        };
        Object.assign(globalThis, { ticking: () => long.size });
      });
      const listening = (/** @type {typeof tabs[0]} */ tab) =>
        tab.page.evaluate(() => Reflect.get(globalThis, "listening")());
      const tab = await open({ strict: true });
      await tab.showId("abc123");
      await tab.reaches("accepted");
      assert.equal(await listening(tab), 2);
      assert.equal(await tab.page.evaluate(() => Reflect.get(globalThis, "ticking")()), 0);
      await tab.call("unmount");
      assert.equal(await listening(tab), 0);
      // What is under way when it is unmounted goes on listening, and no longer than that.
      let answered = () => {};
      intake.answer(async () => {
        await new Promise((resolve) => {
          answered = () => resolve(undefined);
        });
        return { status: 202 };
      });
      await tab.call("mount");
      await tab.showId("second");
      await until(() => ids().length === 2);
      await tab.call("unmount");
      assert.equal(await listening(tab), 2);
      answered();
      await until(async () => (await listening(tab)) === 0);
    });
  });
}
