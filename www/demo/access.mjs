// @ts-check
// Cloudflare Access's stand-in for this machine: it stands before the desk as Access does, publishes the keys of a pair of
// its own, and signs who is there. The desk verifies that like any other token, so nothing in it knows of a demo. The pair
// lives as long as this process. Whoever can reach a loopback port is let in as the first of its people, and can sign out
// and choose another: there is no password.

import { createServer, request as send } from "node:http";
import { pipeline } from "node:stream";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Where Access publishes a team's keys (Cloudflare, "Validate JWTs"). */
const CERTS = "/cdn-cgi/access/certs";
/** What the deployment lets pass without a sign-in (README.md, "Set up Access"). */
const OPEN = new Set(["/desk/intake", "/desk/health"]);
const TOKEN_HEADER = "cf-access-jwt-assertion";
/** Where Access ends a session, and where its stand-in asks who comes. */
const LOGOUT = "/cdn-cgi/access/logout";
const LOGIN = "/cdn-cgi/access/login";
/** Holds the chosen person; or nobody, after a sign-out. */
const COOKIE = "local_access";
const NOBODY = "nobody";
const TOKEN_SECONDS = 300;

/** The application's audience tag, as Access makes them: 64 hexadecimal digits. */
export const AUDIENCE = "5ac1e55d0c4b4f1f9d3e2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d";
/** Who is signed in at first. The domain is reserved for examples (RFC 2606). */
export const PERSON = "reviewer@partner.example";
/** Who else can sign in: another reviewer, and somebody who reads the audit only. */
export const SECOND = "second.reviewer@partner.example";
export const AUDITOR = "auditor@partner.example";

/**
 * Starts the stand-in. What it shall stand before is told later, since that needs its address first.
 *
 * @param {{ port?: number, people?: readonly string[] }} [options] the first of the people is the one who is there at first
 * @returns {Promise<{ url: string, guard: (deskUrl: string) => void, stop: () => Promise<void> }>}
 */
export async function startAccess({ port = 0, people = [PERSON] } = {}) {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const kid = crypto.randomUUID();
  const keys = [{ ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" }];
  let url = "";
  /** @type {URL | undefined} */
  let desk;

  /** Who is signed in, by the request's cookie. @param {string | undefined} cookies */
  const personOf = (cookies = "") => {
    const chosen = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]*)`).exec(cookies)?.[1];
    if (chosen === undefined) return people[0];
    // Not by decoding it, which some cookies would not stand: such a one names nobody.
    return people.find((person) => encodeURIComponent(person) === chosen);
  };

  /** @param {string} email */
  const token = (email) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ email, type: "app" })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuer(url)
      .setAudience([AUDIENCE])
      .setSubject(`local-${email}`)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .sign(privateKey);
  };

  /** @param {import("node:http").IncomingMessage} incoming @param {import("node:http").ServerResponse} outgoing */
  const answer = async (incoming, outgoing) => {
    const { host = "", ...headers } = incoming.headers;
    // Another site's name that was pointed at this machine must not get a signature (DNS rebinding).
    if (!isLoopback(host)) return refuse(outgoing, 403, "not_loopback");
    const address = incoming.url ?? "/";
    if (!URL.canParse(address, "http://localhost")) return refuse(outgoing, 400, "invalid_argument");
    const { pathname: path, searchParams: query } = new URL(address, "http://localhost");
    if (path === CERTS) {
      outgoing.writeHead(200, { "content-type": "application/json" });
      return void outgoing.end(JSON.stringify({ keys, public_cert: {}, public_certs: [] }));
    }
    if (path === LOGOUT) return redirect(outgoing, LOGIN, NOBODY);
    if (path === LOGIN) {
      const [chosen, from] = [query.get("person"), query.get("redirect_url") ?? "/"];
      if (chosen !== null && people.includes(chosen)) return redirect(outgoing, here(from, host), chosen);
      outgoing.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
      return void outgoing.end(loginPage(people, from));
    }
    if (desk === undefined) return refuse(outgoing, 503, "starting");
    const email = personOf(headers.cookie);
    if (email === undefined && !OPEN.has(path)) {
      // A page is sent to sign in; a script that says that it is one is told (Cloudflare, "AJAX requests").
      if (headers["x-requested-with"] === "XMLHttpRequest") return refuse(outgoing, 401, "unauthenticated");
      return redirect(outgoing, `${LOGIN}?redirect_url=${encodeURIComponent(address)}`);
    }
    // Whatever came under these names is somebody's claim.
    delete headers[TOKEN_HEADER];
    delete headers["cf-connecting-ip"];
    const forwarded = send({
      host: desk.hostname,
      port: desk.port,
      method: incoming.method,
      path: incoming.url,
      headers: {
        ...headers,
        host,
        "cf-connecting-ip": incoming.socket.remoteAddress ?? "",
        ...(email !== undefined && !OPEN.has(path) && { [TOKEN_HEADER]: await token(email) }),
      },
      // workerd closes a connection whose request it did not read to the end, perhaps just as the next one takes it.
      agent: false,
    });
    forwarded.once("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      outgoing.flushHeaders();
      // A body that breaks off breaks off here as well.
      pipeline(response, outgoing, () => {});
    });
    forwarded.once("error", () => {
      if (outgoing.headersSent) outgoing.destroy();
      else refuse(outgoing, 502, "desk_unreachable");
    });
    // A page that has left stops the work behind.
    outgoing.once("close", () => forwarded.destroy());
    // Not by `pipeline`: the desk may answer before it has read all, and that answer must get through.
    incoming.pipe(forwarded);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => refuse(outgoing, 500, "internal"));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  return {
    url,
    guard(deskUrl) {
      desk = new URL(deskUrl);
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import("node:http").ServerResponse} outgoing
 * @param {number} status
 * @param {string} error
 */
function refuse(outgoing, status, error) {
  if (outgoing.headersSent) return void outgoing.destroy();
  outgoing.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  outgoing.end(JSON.stringify({ error }));
}

/**
 * @param {import("node:http").ServerResponse} outgoing
 * @param {string} location
 * @param {string} [person] who is signed in from now on
 */
function redirect(outgoing, location, person) {
  outgoing.writeHead(302, {
    location,
    "cache-control": "no-store",
    ...(person !== undefined && {
      "set-cookie": `${COOKIE}=${encodeURIComponent(person)}; Path=/; HttpOnly; SameSite=Lax`,
    }),
  });
  outgoing.end();
}

/**
 * Where somebody was going, if that is here: browsers know many spellings of another host.
 *
 * @param {string} from
 * @param {string} host
 */
function here(from, host) {
  const base = `http://${host}`;
  if (!URL.canParse(from, base)) return "/";
  const to = new URL(from, base);
  return to.origin === new URL(base).origin ? to.href : "/";
}

/**
 * @param {readonly string[]} people
 * @param {string} from
 */
function loginPage(people, from) {
  const links = people.map((person) => {
    const query = new URLSearchParams({ person, redirect_url: from });
    return `<li><a href="${LOGIN}?${query.toString().replaceAll("&", "&amp;")}">${person}</a></li>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Sign in</title><main style="line-height: 2; overflow-wrap: anywhere"><h1>Who are you?</h1><p>This stands in for Cloudflare Access on this machine.</p><ul>${links.join("")}</ul></main></html>`;
}

/**
 * Whether a `Host` header is the machine's own name or address.
 *
 * @param {string} host
 */
function isLoopback(host) {
  return /^(?:(?:[a-z0-9-]+\.)*localhost|\[::1\]|127(?:\.\d{1,3}){3})(?::\d{1,5})?$/i.test(host);
}
