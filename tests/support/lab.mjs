// @ts-check
// Servers that misbehave on request, over real sockets. The sandbox plays a strict and honest upstream with faults; the lab
// plays the ones no honest server would be: raw bytes, lenient decisions that overwrite, records that move during a walk.
// A server is described in JSON, so that a case running in workerd can order one over HTTP just as a case in Node does.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/**
 * @typedef {string | { wait: number } | { base64: string } | { repeat: string, times: number } | { end: "reset" | "fin" | "hang" }} Piece
 *   a string is sent as it is; `{{origin}}` in it becomes the server's own origin
 *
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json]
 * @property {string} [text]
 * @property {string} [base64]
 * @property {{ text: string, times: number }} [repeat]
 * @property {boolean} [gzip]       compress the body, with the header that says so
 * @property {number} [delay]       ms before the headers
 * @property {{ bytes: number, every: number }} [drip]  the body in small pieces
 * @property {"headers" | "body"} [hang]  never answer, or never finish the body
 * @property {Piece[]} [raw]        instead of HTTP from here on
 * @property {Record<string, Answer>} [bearer]  the answer depends on the bearer; "" is none, "*" any other
 * @property {number} [until]       with several answers: how many times this one is given (1)
 *
 * @typedef {object} Decisions  an upstream that lets any verdict overwrite any other
 * @property {string} status
 * @property {(string | Answer)[]} [put]  what each PUT does, in turn: "apply", "apply-then-hang", "apply-then-500", "apply-then-reset",
 *   "set:<status>-then-500", "503", "hang", "reset"; or an answer. After the last: "apply".
 * @property {Answer[]} [get]       answers of the first GETs, before those of the state
 *
 * @typedef {object} Walk  a search that changes while it is read
 * @property {number} total
 * @property {number} [cap]         the greatest per_page served
 * @property {number} [delay]
 * @property {{ after: number, front?: number, back?: number, removeFront?: number, removeBack?: number }[]} [changes]  once `after` pages were answered
 * @property {Record<string, Answer>} [pages]  answers of single pages, once each
 *
 * @typedef {{ routes?: Record<string, Answer | Answer[]>, decisions?: Decisions, walk?: Walk }} Script
 *
 * @typedef {object} Seen
 * @property {string} method
 * @property {string} path     without the query
 * @property {string} query    with its question mark
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {number} at       ms, monotonic
 * @property {boolean} finished  the answer was sent to its end
 * @property {boolean} closed    the connection was closed before that
 */

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** @param {import("node:http").IncomingMessage} request */
async function bodyOf(request) {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

class Ward {
  /** @param {Script} script */
  constructor(script) {
    this.script = script;
    /** @type {Seen[]} */
    this.seen = [];
    /** @type {string[]} */
    this.unmatched = [];
    /** @type {Map<string, number>} */
    this.counts = new Map();
    this.inFlight = 0;
    this.maxInFlight = 0;
    this.status = script.decisions?.status ?? "";
    this.puts = 0;
    this.gets = 0;
    this.answered = 0;
    this.walked = Array.from({ length: script.walk?.total ?? 0 }, (_, index) => uuid(index));
    this.nextUuid = 1_000_000;
    this.origin = "";
    this.server = createServer((request, response) => {
      // A broken connection is part of the play; nothing here may bring the lab down.
      this.handle(request, response).catch(() => response.destroy());
    });
    this.server.on("clientError", (_, socket) => socket.destroy());
    // An idle connection that closes just as the client reuses it would be a network error that no case ordered.
    this.server.keepAliveTimeout = 120_000;
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.origin = `http://127.0.0.1:${address.port}`;
    return this.origin;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async handle(request, response) {
    const url = new URL(request.url ?? "/", this.origin);
    /** @type {Seen} */
    const seen = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.search,
      headers: /** @type {Record<string, string>} */ (request.headers),
      body: "",
      at: performance.now(),
      finished: false,
      closed: false,
    };
    this.seen.push(seen);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    response.on("finish", () => {
      seen.finished = true;
    });
    response.on("close", () => {
      this.inFlight -= 1;
      seen.closed = !seen.finished;
    });
    response.on("error", () => {});
    seen.body = await bodyOf(request);
    await this.answer(this.choose(seen, url), seen, response);
  }

  /**
   * @param {Seen} seen
   * @param {URL} url
   * @returns {Answer}
   */
  choose(seen, url) {
    const { routes = {}, decisions, walk } = this.script;
    const key = `${seen.method} ${seen.path}`;
    const route = routes[key] ?? routes[`${seen.method} *`] ?? routes["*"];
    if (route !== undefined) return this.next(key, Array.isArray(route) ? route : [route]);
    if (decisions !== undefined && seen.path.startsWith("/partner/piirequest/")) return this.decide(decisions, seen);
    if (walk !== undefined && seen.path === "/v1/attestations/search") return this.page(walk, url);
    this.unmatched.push(key);
    return { status: 501, json: { error: "unmatched" } };
  }

  /**
   * @param {string} key
   * @param {Answer[]} answers
   */
  next(key, answers) {
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    let passed = 0;
    for (const answer of answers) {
      passed += answer.until ?? 1;
      if (count < passed) return answer;
    }
    return answers[answers.length - 1] ?? {};
  }

  /**
   * @param {Decisions} decisions
   * @param {Seen} seen
   * @returns {Answer}
   */
  decide(decisions, seen) {
    const id = decodeURIComponent(seen.path.split("/")[3] ?? "");
    const record = () => ({ json: { id, type: "test", status: this.status, links: [] } });
    if (seen.method === "GET") return decisions.get?.[this.gets++] ?? record();
    const act = decisions.put?.[this.puts++] ?? "apply";
    if (typeof act !== "string") return act;
    const verdict = /** @type {{ status: string }} */ (JSON.parse(seen.body)).status;
    const [first = "", then] = act.split("-then-");
    if (first === "apply") this.status = verdict;
    if (first.startsWith("set:")) this.status = first.slice(4);
    const end = then ?? (first === "apply" || first.startsWith("set:") ? "200" : first);
    if (end === "hang") return { hang: "headers" };
    if (end === "reset") return { raw: [{ end: "reset" }] };
    return { status: Number(end), json: {} };
  }

  /**
   * @param {Walk} walk
   * @param {URL} url
   * @returns {Answer}
   */
  page(walk, url) {
    const page = Number(url.searchParams.get("page") ?? 1);
    const planned = walk.pages?.[page];
    if (planned !== undefined && !this.counts.has(`page ${page}`)) {
      this.counts.set(`page ${page}`, 1);
      return planned;
    }
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 50), walk.cap ?? 1000);
    const data = this.walked
      .slice((page - 1) * size, page * size)
      .map((id) => ({ uuid: id, type: "phone_number", attestor: "twilio" }));
    const meta = { page, per_page: size, total: this.walked.length };
    this.answered += 1;
    for (const change of walk.changes ?? []) {
      if (change.after !== this.answered) continue;
      this.walked.splice(0, change.removeFront ?? 0);
      this.walked.length -= change.removeBack ?? 0;
      for (let n = 0; n < (change.front ?? 0); n += 1) this.walked.unshift(uuid(this.nextUuid++));
      for (let n = 0; n < (change.back ?? 0); n += 1) this.walked.push(uuid(this.nextUuid++));
    }
    return { json: { data, meta }, delay: walk.delay };
  }

  /** @param {string} text */
  fill(text) {
    return text.replaceAll("{{origin}}", this.origin);
  }

  /**
   * @param {Answer} answer
   * @param {Seen} seen
   * @param {import("node:http").ServerResponse} response
   */
  async answer(answer, seen, response) {
    if (answer.bearer !== undefined) {
      const token = /^bearer (.*)$/iu.exec(seen.headers.authorization ?? "")?.[1] ?? "";
      await this.answer(answer.bearer[token] ?? answer.bearer["*"] ?? { status: 401, json: {} }, seen, response);
      return;
    }
    if (answer.delay !== undefined) await wait(answer.delay);
    if (answer.raw !== undefined) {
      await this.raw(answer.raw, response);
      return;
    }
    if (answer.hang === "headers") return;
    let body = Buffer.alloc(0);
    let headers = answer.headers ?? {};
    if (answer.json !== undefined) {
      body = Buffer.from(this.fill(JSON.stringify(answer.json)).replaceAll("{{n}}", String(this.seen.length)));
      headers = { ...JSON_TYPE, ...headers };
    } else if (answer.text !== undefined) body = Buffer.from(this.fill(answer.text));
    else if (answer.base64 !== undefined) body = Buffer.from(answer.base64, "base64");
    else if (answer.repeat !== undefined) body = Buffer.from(answer.repeat.text.repeat(answer.repeat.times));
    if (answer.gzip === true) {
      body = gzipSync(body);
      headers = { ...headers, "content-encoding": "gzip" };
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, this.fill(value));
    response.writeHead(answer.status ?? 200);
    if (answer.hang === "body") {
      response.flushHeaders();
      response.write(body.subarray(0, Math.ceil(body.length / 2)));
      return;
    }
    if (answer.drip !== undefined) {
      for (let at = 0; at < body.length && !response.destroyed; at += answer.drip.bytes) {
        response.write(body.subarray(at, at + answer.drip.bytes));
        await wait(answer.drip.every);
      }
      response.end();
      return;
    }
    response.end(body);
  }

  /**
   * @param {Piece[]} pieces
   * @param {import("node:http").ServerResponse} response
   */
  async raw(pieces, response) {
    const { socket } = response;
    if (socket === null) return;
    for (const piece of pieces) {
      if (socket.destroyed) return;
      if (typeof piece === "string") socket.write(this.fill(piece), "latin1");
      else if ("wait" in piece) await wait(piece.wait);
      else if ("base64" in piece) socket.write(Buffer.from(piece.base64, "base64"));
      else if ("repeat" in piece)
        for (let n = 0; n < piece.times && !socket.destroyed; n += 1) socket.write(piece.repeat, "latin1");
      else if (piece.end === "reset") socket.resetAndDestroy();
      else if (piece.end === "fin") socket.destroySoon();
      else return;
    }
  }

  report() {
    const { seen, unmatched, inFlight, maxInFlight, status } = this;
    return { seen, unmatched, inFlight, maxInFlight, status };
  }
}

/** @param {number} index */
const uuid = (index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/**
 * The control port: POST / with a script opens a server, GET /{port} reports what it saw, DELETE /{port} closes it.
 *
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startLab() {
  /** @type {Map<string, Ward>} */
  const wards = new Map();
  const control = createServer((request, response) => {
    const act = async () => {
      const body = await bodyOf(request);
      if (request.method === "POST") {
        const ward = new Ward(JSON.parse(body));
        const origin = await ward.listen();
        const key = new URL(origin).port;
        wards.set(key, ward);
        return { key, origin };
      }
      const key = (request.url ?? "").slice(1);
      const ward = wards.get(key);
      if (ward === undefined) throw new Error("no such server");
      if (request.method === "DELETE") {
        ward.close();
        wards.delete(key);
      }
      return ward.report();
    };
    act().then(
      (result) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  control.keepAliveTimeout = 120_000;
  await new Promise((resolve) => control.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = control.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      for (const ward of wards.values()) ward.close();
      control.closeAllConnections();
      control.close();
    },
  };
}
