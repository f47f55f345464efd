// @ts-check
// Loaded before an example: the two hosts and the token URL lead to the sandbox, and nothing leads out.

import { createSandbox } from "passdesk/sandbox";

const tokenUrl = "https://auth.civic.example/oauth/token";
const sandbox = createSandbox();
for (const fault of (process.env.EXAMPLE_FAULTS ?? "").split(" ").filter(Boolean)) sandbox.fault(fault);

Object.assign(process.env, {
  CIVIC_TOKEN_URL: tokenUrl,
  CIVIC_CLIENT_ID: sandbox.credentials.clientId,
  CIVIC_CLIENT_SECRET: sandbox.credentials.clientSecret,
  GLOBALID_TOKEN: await sandbox.issueToken({ api: "globalid", attestee: "johnsmith" }),
});

const known = new Set(["https://api.civic.com", "https://api.global.id", new URL(tokenUrl).origin]);
globalThis.fetch = async (input, init) => {
  const { origin } = new URL(input instanceof Request ? input.url : input);
  if (known.has(origin)) return sandbox.fetch(input, init);
  // Not thrown: the client would take that for a network error and try again.
  process.exitCode = 1;
  console.error(`an example asked ${origin}`);
  return new Response(null, { status: 501 });
};
