// @ts-check
// The same work at the edge by hand and by the package: a record passed on, a document passed through.
import { retrievePii, streamEvidence } from "passdesk";
import { retrieveByHand } from "./by_hand.mjs";
import { REQUEST_ID } from "./upstream.mjs";

/** @typedef {{ CIVIC: string }} Env */

const token = "token";
const headers = { authorization: `Bearer ${token}` };
const path = `/partner/piirequest/${REQUEST_ID}`;

/** @type {Record<string, (env: Env, signal: AbortSignal) => Promise<Response>>} */
const routes = {
  "/bare/record": async ({ CIVIC }) => Response.json(await (await fetch(CIVIC + path, { headers })).json()),
  "/by_hand/record": async ({ CIVIC }) =>
    Response.json(await retrieveByHand(CIVIC + path, { requestId: REQUEST_ID, token })),
  "/passdesk/record": async ({ CIVIC }) =>
    Response.json(await retrievePii({ requestId: REQUEST_ID, token, baseUrl: CIVIC })),
  "/bare/document": ({ CIVIC }) => fetch(`${CIVIC}${path}/evidence/idDocumentFront`, { headers }),
  "/passdesk/document": ({ CIVIC }) =>
    streamEvidence({
      href: `${CIVIC}${path}/evidence/idDocumentFront`,
      requestId: REQUEST_ID,
      token,
      baseUrl: CIVIC,
    }),
};

export default {
  /** @param {Request} request @param {Env} env */
  fetch(request, env) {
    const route = routes[new URL(request.url).pathname];
    return route === undefined ? new Response("no such route", { status: 404 }) : route(env, request.signal);
  },
};
