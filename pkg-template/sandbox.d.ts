/** What a request can be, and what a fault can strike. */
export type Operation =
  /** `POST /oauth/token`: Civic's token endpoint. */
  | "token"
  /** `POST /v1/auth/token`: globaliD's token endpoint. */
  | "userToken"
  /** `GET /partner/piirequest/{id}` */
  | "pii"
  /** `GET /partner/piirequest/{id}/evidence/{rel}` */
  | "evidence"
  /** `PUT /partner/piirequest/{id}/status` */
  | "status"
  /** `GET /v1/attestations`: an identity's own. */
  | "attestations"
  /** `GET /v1/attestations/search`: the public search. */
  | "search"
  /** `GET /object-store/{id}/{rel}?signature=…`: where presigned links lead. */
  | "store";

/** One kind of fault. */
export interface FaultKind {
  /** What happens, in one sentence. */
  readonly description: string;
  /** The operations that it fits. */
  readonly operations: readonly Operation[];
  /** Whether a status PUT that meets it has been applied all the same. */
  readonly applies: boolean;
  /** Whether the sandbox answers first and then spoils the answer; a refusal is sent as it is, and uses up no strike. */
  readonly after: boolean;
  /** The default of its number (milliseconds, seconds or records); absent where it takes none. */
  readonly argument?: number;
}

/** Every fault, by name. */
export const FAULTS: Readonly<Record<string, FaultKind>>;

/** Every operation. */
export const OPERATIONS: readonly Operation[];

/**
 * A fault to come: a text `[operation.]name[_number][xTimes]` such as `"503"`, `"503x2"`, `"evidence.cut-body"` or
 * `"pii.slow-headers_200x1"`; or its parts.
 */
export type FaultSpec =
  | string
  | {
      /** A name from {@link FAULTS}, or a text as above. */
      fault: string;
      /** The only operation that it strikes; by default every one that it fits. */
      operation?: Operation | undefined;
      /** The only request that it strikes, by its whole id. */
      requestId?: string | undefined;
      /** Milliseconds, seconds or records, as the fault's kind has it; up to 9,999,999. */
      argument?: number | undefined;
      /** How many requests it strikes; by default every one until it is taken back. */
      times?: number | undefined;
    };

/** A request of your own, beside those that the sandbox knows. It stays as it is when the sandbox is made. */
export interface SandboxRequest {
  /** One to 128 of `A-Z a-z 0-9 . _ -`. */
  id: string;
  /** What is special about it, for lists. */
  description?: string | undefined;
  /** `"gatekeeperProofOfIdentityWithIdDocument-v3"` by default. */
  type?: string | undefined;
  /** `"verification-success"`, the only status that can be decided, by default. */
  status?: string | undefined;
  /** Anything that JSON can hold. Leave it out for a request without PII. */
  verifiedInformation?: Record<string, unknown> | undefined;
  /** The evidence by its rel; a link is made for each. */
  evidence?:
    | Record<
        string,
        {
          /** The header, true or not. */
          contentType: string;
          /** The bytes, or text to be sent as UTF-8. */
          body: string | Uint8Array;
        }
      >
    | undefined;
}

/** One request that arrived. Nothing in it is secret: no token, no body, no query value. */
export interface Call {
  /** The HTTP method. */
  method: string;
  /** The path without its query. */
  path: string;
  /** The names of the query's parameters. */
  query: string[];
  /** The operation that it asked for. */
  route: Operation | "unknown";
  /** The origin that was called; the sandbox itself ignores it. */
  origin: string;
  /** The answer's status, or null where none has been sent. */
  status: number | null;
  /** The fault that struck, as it was asked for. */
  fault: string | null;
  /** Whether an `authorization` header came with it. */
  authorization: boolean;
}

/** How a sandbox is made. */
export interface SandboxOptions {
  /** Another seed gives other attestations and other tokens. `"passdesk"` by default. */
  seed?: string | undefined;
  /** The client that both token endpoints know. `"passdesk-sandbox"` by default. */
  clientId?: string | undefined;
  /** Its secret, which also signs the tokens. `"sandbox-secret"` by default. */
  clientSecret?: string | undefined;
  /** The audience that Civic's API demands. `"https://api.civic.com/pass"` by default. */
  audience?: string | undefined;
  /** How long Civic's tokens live. 86,400 by default. */
  tokenLifetimeSeconds?: number | undefined;
  /** The scopes that Civic grants the client; by default the nine of Civic's text. */
  scopes?: readonly string[] | undefined;
  /** The clock, in epoch milliseconds. `Date.now` by default. */
  now?: (() => number) | undefined;
  /** The origin of the links in records; by default the one that was called. */
  origin?: string | undefined;
  /** The other origin, for redirects and presigned links; by default `localhost` for `127.0.0.1` and the reverse, and otherwise `https://elsewhere.example`. */
  elsewhere?: string | undefined;
  /** How many attestations there are. 11,020 by default. */
  attestations?: number | undefined;
  /** The most that `per_page` can ask for. 500 by default. */
  maxPerPage?: number | undefined;
  /** The origins whose pages may read the answers; `"*"` by default, `false` for none. */
  cors?: "*" | readonly string[] | false | undefined;
  /** Whether the routes below `/sandbox` answer. True by default. */
  admin?: boolean | undefined;
  /** Requests of your own, each with another id; one with a known id takes its place. */
  requests?: readonly SandboxRequest[] | undefined;
  /** Faults that stand from the start, and again after {@link Sandbox.reset}. */
  faults?: readonly FaultSpec[] | undefined;
}

/** A token to be made without the token endpoint. */
export interface TokenOrder {
  /** `"civic"` by default. */
  api?: "civic" | "globalid" | undefined;
  /** For globaliD: whose token it is. Without it the token is the application's own. */
  attestee?: string | undefined;
  /** By default those that the endpoint would grant. */
  scopes?: readonly string[] | undefined;
  /** By default the one that the API demands. */
  audience?: string | undefined;
  /** By default what the endpoint would grant; a negative one has expired already. */
  lifetimeSeconds?: number | undefined;
}

/** A sandbox: a handler, and what tests ask of it. */
export interface Sandbox {
  /**
   * Answers a request. It is bound, so it can be passed on as a `fetch`, called with a URL and an init; or it serves as
   * a Worker's handler, called with a request, env and context. Redirects are given as they are, never followed. For the
   * fault `oversize-gzip` the answer has `content-encoding: gzip` and a body that is not packed: in the same process a
   * client sees what a fetch would have unpacked, and workerd packs it itself; `Bun.serve`, `Deno.serve` and Node do not,
   * so that a server there has to, or its clients see a broken body.
   */
  readonly fetch: {
    /** As the platform's `fetch` is called. */
    (input: string | URL | Request, init?: RequestInit): Promise<Response>;
    /** As a Worker's handler is called. */
    (request: Request, env: unknown, ctx: unknown): Promise<Response>;
  };
  /** The requests that can be asked for by id; besides them, `person-0001` to `person-9999`. */
  readonly requests: readonly {
    /** The id to ask for. */
    readonly id: string;
    /** What is special about it. */
    readonly description: string;
  }[];
  /** What the client must know. */
  readonly credentials: {
    /** For `clientId`. */
    readonly clientId: string;
    /** For `clientSecret`. */
    readonly clientSecret: string;
    /** For `audience`. */
    readonly audience: string;
  };
  /** The requests that have arrived (the last 20,000), oldest first; preflights and the sandbox's own routes are left out. */
  readonly calls: Call[];
  /** Asks for a fault; the function returned takes it back. */
  fault(spec: FaultSpec): () => void;
  /** Makes a token. */
  issueToken(order?: TokenOrder): Promise<string>;
  /** Forgets decisions, calls and faults, and counts anew. */
  reset(): void;
}

/**
 * Thrown by `fetch` where a server would cut the connection before any headers. A Node server should destroy the socket
 * when it sees one; a Worker cannot, so that clients of one get a 500, and so do those of `Bun.serve` and `Deno.serve`.
 */
export class SandboxReset extends TypeError {
  /** Tells it from other errors. */
  readonly name: "SandboxReset";
}

/**
 * Stand-ins for Civic's token endpoint and Partner API and for globaliD's API, told apart by path alone. Deterministic
 * for a seed, and stateful: a decision that was applied stays until {@link Sandbox.reset}.
 *
 * Faults are asked for in one grammar, `[operation.]name[_number][xTimes]`, in four places:
 * - in a request id, after its case: `abc123~503x2`, `passport~evidence.cut-body`. Such an id is a request of its own;
 *   `abc123~copy_7` is one without a fault, for tests that need a fresh one.
 * - in the header `x-sandbox-fault: search.503x2, token.hang`, counted for its text and path. Of the counts of ids and
 *   headers, the 10,000 that were used last are kept.
 * - by {@link Sandbox.fault} and {@link SandboxOptions.faults}.
 * - over HTTP, below.
 *
 * Unless {@link SandboxOptions.admin} is false, tests in another process can use `GET /sandbox` (requests and faults),
 * `GET` and `DELETE /sandbox/calls`, `POST /sandbox/faults` with `{"faults": [...]}`, `DELETE /sandbox/faults`,
 * `POST /sandbox/token` with a {@link TokenOrder} or no body, which answers `{"token"}`, and `POST /sandbox/reset`.
 *
 * A user token of globaliD comes from the grant `authorization_code`, whose code is simply the identity's name.
 *
 * @example
 * const sandbox = createSandbox();
 * const { clientId, clientSecret } = sandbox.credentials;
 * const { accessToken } = await exchangeToken({
 *   tokenUrl: "https://sandbox.example/oauth/token",
 *   clientId,
 *   clientSecret,
 *   fetch: sandbox.fetch,
 * });
 *
 * @throws TypeError for an unknown option or a value of the wrong type, naming the option.
 */
export function createSandbox(options?: SandboxOptions): Sandbox;
