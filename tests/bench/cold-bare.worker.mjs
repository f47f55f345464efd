// @ts-check
// The first answer of a fresh isolate, in bare fetch.
import { REQUEST_ID } from "./upstream.mjs";

const headers = { authorization: "Bearer token" };

export default {
  /** @param {Request} _ @param {{ CIVIC: string }} env */
  fetch: async (_, { CIVIC }) =>
    Response.json(await (await fetch(`${CIVIC}/partner/piirequest/${REQUEST_ID}`, { headers })).json()),
};
