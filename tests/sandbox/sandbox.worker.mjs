// The sandbox as a Worker: all that a user has to write.

import { createSandbox } from "passdesk/sandbox";

const sandbox = createSandbox();

export default { fetch: sandbox.fetch };
