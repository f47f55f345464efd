import { createSandbox } from "passdesk/sandbox";

// One sandbox for the isolate's life, since it remembers verdicts between requests.
const sandbox = createSandbox();

export default { fetch: (request: Request) => sandbox.fetch(request) };
