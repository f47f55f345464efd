// Every line that ends in `// wrong` must fail to compile, and no other line: proof that the checks of `cases/` can fail.

import { isPassdeskErr, type PiiRequest, type Policy, retrievePii, screenPii, submitDecision } from "passdesk"; // wrong
import { init } from "passdesk/slim";
import type { DeskAuditPage, DeskAuditQuery, DeskAuditVerification } from "passdesk/worker";
import { type Equals, holds } from "../cases/equals.js";

declare const pii: PiiRequest;
retrievePii({ requestId: 42 }); // wrong
retrievePii({ requestID: "abc123" }); // wrong
submitDecision({ requestId: "abc123", status: "partner-passed" }); // wrong
screenPii({ pii, policy: { minAge: "18" } }); // wrong
init("passdesk.wasm"); // wrong
holds<Equals<PiiRequest["status"], string>>(); // wrong
holds<Equals<Policy["minAge"], unknown>>(); // wrong
holds<Equals<DeskAuditPage["after"], number>>(); // wrong
holds<Equals<DeskAuditVerification["broken"], undefined>>(); // wrong
export const asked: DeskAuditQuery = { actor: "ada@partner.example" }; // wrong
// biome-ignore lint/suspicious/noExplicitAny: `Equals` must tell `any` from everything else
holds<Equals<PiiRequest["id"], any>>(); // wrong
// @ts-expect-error there is no mistake here, so this line is one // wrong
retrievePii({ requestId: "abc123" });

export { isPassdeskErr };
