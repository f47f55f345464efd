// @ts-check
// A Worker as the README advises: the provider at module scope, shared by all requests of the isolate.
import { retrievePii, streamEvidence, tokenProvider } from "passdesk";

/** @type {import("passdesk").TokenProvider | undefined} */
let provider;

export default {
  /** @param {Request} request @param {{ TOKEN_URL: string, BASE_URL: string }} env */
  async fetch(request, env) {
    // Made by the first request, since settings come with one; kept by the isolate like any module-scope value.
    provider ??= tokenProvider({ tokenUrl: env.TOKEN_URL, clientId: "desk", clientSecret: "s3cret" });
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/early") {
      // The request that began the exchange returns without waiting for it, and takes its I/O with it.
      provider().catch(() => {});
      return new Response("early");
    }
    if (pathname === "/trap") {
      const call = (/** @type {string} */ requestId) =>
        retrievePii({ requestId, baseUrl: env.BASE_URL }).then(
          () => "resolved",
          (error) => error.code,
        );
      const bystander = call("hanging");
      const { random } = Math;
      // The back-off asks it, and an import that fails unforeseen is a trap.
      Math.random = () => {
        throw new Error("trap");
      };
      const codes = [];
      try {
        codes.push(await call("busy"), await bystander);
      } finally {
        Math.random = random;
      }
      return Response.json([...codes, await call("r1")]);
    }
    if (pathname === "/hold") {
      return Response.json(
        await retrievePii({ requestId: "hanging", baseUrl: env.BASE_URL }).catch(({ code }) => code),
      );
    }
    if (pathname === "/leave") {
      retrievePii({ requestId: "hanging", baseUrl: env.BASE_URL }).catch(() => {});
      const body = await streamEvidence({
        requestId: "hanging",
        href: `${env.BASE_URL}/partner/piirequest/hanging/evidence/front`,
        baseUrl: env.BASE_URL,
      });
      return Response.json(body.status);
    }
    const signal = searchParams.has("own-signal") ? request.signal : undefined;
    const began = Date.now();
    if (pathname === "/token") {
      await provider.get({ signal });
      return Response.json({ ms: Date.now() - began });
    }
    if (pathname === "/pii") {
      const pii = await retrievePii({ requestId: "r1", token: provider, baseUrl: env.BASE_URL, signal });
      return Response.json({ id: pii.id, ms: Date.now() - began });
    }
    return new Response("no such page", { status: 404 });
  },
};
