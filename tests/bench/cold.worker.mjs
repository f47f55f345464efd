// @ts-check
// The first answer of a fresh isolate, with the package and its module.
import { retrievePii } from "passdesk";
import { REQUEST_ID } from "./upstream.mjs";

export default {
  /** @param {Request} _ @param {{ CIVIC: string }} env */
  fetch: async (_, { CIVIC }) =>
    Response.json(await retrievePii({ requestId: REQUEST_ID, token: "token", baseUrl: CIVIC })),
};
