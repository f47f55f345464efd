/**
 * The review desk as one Worker: Civic's partner API minus the secret, a queue with claims, an outbox that delivers each
 * verdict once, an audit that cannot be rewritten, and an intake for dApps. It needs Cloudflare Access in front and one D1
 * database with the migrations of the repository's `www/migrations/`.
 */

/** A prepared statement of D1; the part that the desk uses. */
export interface Statement {
  /** The same statement with its parameters. */
  bind(...values: unknown[]): Statement;
  /** The first row, or `null`. */
  first(): Promise<unknown>;
  /** Runs it for its effect. */
  run(): Promise<unknown>;
  /** All rows. */
  all(): Promise<{
    /** The rows, in order. */
    results: unknown[];
  }>;
}

/** A D1 database; the part that the desk uses. */
export interface Database {
  /** Prepares a statement. */
  prepare(query: string): Statement;
  /** Runs statements in one transaction. */
  batch(statements: Statement[]): Promise<
    {
      /** The rows of each statement, in order. */
      results: unknown[];
    }[]
  >;
}

/**
 * What the desk must be told. By default each is a binding of the Worker of the same name. Where one is missing or makes
 * no sense, every route answers 500 `{"error":"misconfigured"}` and says which.
 */
export interface ReviewDeskSettings {
  /** The D1 database. */
  DB: Database;
  /** The console's files; without it there is no console. */
  ASSETS?: {
    /** Gives a file, or 404. */
    fetch(request: Request): Promise<Response>;
  };
  /** Where Civic's partner API is. Https, or http on a loopback host; so are all addresses here. */
  CIVIC_BASE_URL: string;
  /** The token URL that Civic handed out at onboarding. */
  CIVIC_TOKEN_URL: string;
  /** The client id that Civic handed out at onboarding. */
  CIVIC_CLIENT_ID: string;
  /** The client secret that Civic handed out at onboarding. The key of the token store is made from it, too. */
  CIVIC_CLIENT_SECRET: string;
  /** Where globaliD's API is. */
  GLOBALID_BASE_URL: string;
  /** The team's address in Cloudflare Access, such as `https://example.cloudflareaccess.com`: issuer, and where its keys are. */
  ACCESS_TEAM_URL: string;
  /** The audience tag of the Access application. */
  ACCESS_AUDIENCE: string;
  /** Who reviews: e-mail addresses and `@domain`s, with commas between. */
  DESK_REVIEWERS: string;
  /** Who reads the audit, and nothing else. Default: nobody. */
  DESK_AUDITORS?: string;
  /** Who may do everything. Default: nobody. */
  DESK_ADMINS?: string;
  /** The origins of the dApps that may send ids, with commas between. */
  INTAKE_ORIGINS: string;
  /** How many ids one sender may send a minute. Default 20. */
  INTAKE_PER_MINUTE?: string;
  /** How long a decision can be undone: 0 to 3600 seconds. Default 10. */
  DESK_UNDO_SECONDS?: string;
  /** How long a claim lasts: 10 to 86 400 seconds. Default 900. */
  DESK_CLAIM_SECONDS?: string;
  /** How many days a closed case is kept: 1 to 3650. Default 30. Its audit rows stay. */
  DESK_RETENTION_DAYS?: string;
  /** `"true"` where a second person must approve each verdict. Default `"false"`. */
  DESK_TWO_PERSON?: string;
  /** How many subrequests a scheduled run may make: 50, as on the Free plan, to 1000. Default 50. */
  DESK_SUBREQUESTS?: string;
}

/** Options of {@link createReviewDesk}. */
export interface ReviewDeskOptions {
  /** Makes the settings from the Worker's bindings, where they have other names or come from elsewhere. */
  settings?: (env: unknown) => Partial<ReviewDeskSettings>;
  /** Sends the requests to Civic, globaliD and Access in place of the global `fetch`. */
  fetch?: typeof fetch;
}

/** What a Worker's handlers are given beside the request. */
export interface ReviewDeskContext {
  /** Keeps the Worker running until the promise settles. */
  waitUntil(promise: Promise<unknown>): void;
  /** Unused. */
  passThroughOnException(): void;
  /** Unused. */
  props?: unknown;
}

/** The handlers of the Worker: `export default createReviewDesk()`. */
export interface ReviewDesk {
  /** Answers a request. */
  fetch(request: Request, env: unknown, context: ReviewDeskContext): Promise<Response>;
  /** Delivers what is due, confirms what waits, and forgets what is over: for a cron trigger each minute. */
  scheduled(controller: unknown, env: unknown, context: ReviewDeskContext): Promise<void>;
}

/**
 * Makes the desk's Worker. Nothing is read or sent before the first request.
 *
 * @throws PassdeskError `invalid_argument`
 */
export function createReviewDesk(options?: ReviewDeskOptions): ReviewDesk;
