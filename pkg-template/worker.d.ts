/**
 * The review desk as one Worker: Civic's partner API minus the secret, a queue with claims, an outbox that delivers each
 * verdict once, an audit that cannot be rewritten, and an intake for dApps. It needs Cloudflare Access in front, one D1
 * database with the migrations of the repository's `www/migrations/`, and a cron trigger each minute.
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
  ASSETS?:
    | {
        /** Gives a file, or 404. */
        fetch(request: Request): Promise<Response>;
      }
    | undefined;
  /** Where Civic's partner API is. Https, or http on a loopback host; so are all addresses here. */
  CIVIC_BASE_URL: string;
  /** The token URL that Civic handed out at onboarding. */
  CIVIC_TOKEN_URL: string;
  /** The client id that Civic handed out at onboarding. */
  CIVIC_CLIENT_ID: string;
  /** The client secret that Civic handed out at onboarding. The keys of the token store and of notes are made from it, too. */
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
  DESK_AUDITORS?: string | undefined;
  /** Who may do everything. Default: nobody. */
  DESK_ADMINS?: string | undefined;
  /** The origins of the dApps that may send ids, with commas between. */
  INTAKE_ORIGINS: string;
  /** How many ids one sender may send a minute: 1 to 10 000. Default 20. */
  INTAKE_PER_MINUTE?: string | undefined;
  /** How long a decision can be undone: 0 to 3600 seconds. Default 10. */
  DESK_UNDO_SECONDS?: string | undefined;
  /** How long a claim lasts: 10 to 86 400 seconds. Default 900. */
  DESK_CLAIM_SECONDS?: string | undefined;
  /** How many days a closed case is kept: 1 to 3650. Default 30. Its audit rows stay. */
  DESK_RETENTION_DAYS?: string | undefined;
  /**
   * How many hours a verdict is tried again that Civic cannot take now, and one that Civic has queued is asked about: 1 to
   * 720. Default 24. Then Civic is asked a last time what it shows, and what does not stand is a dead letter, which a reviewer
   * can send again; one that Civic refuses for good is so at once.
   */
  DESK_GIVE_UP_HOURS?: string | undefined;
  /** `"true"` where a second person must approve each verdict. Default `"false"`. */
  DESK_TWO_PERSON?: string | undefined;
  /**
   * The codes that a decision may give as its reason, each alone or as `code=label`, with commas between: at most 50. A code is
   * 1 to 64 of `a-z 0-9 _ -`, a label at most 80 characters without a comma. Default: {@link reasons}.
   */
  DESK_REASONS?: string | undefined;
  /** Within how many minutes a case should be decided: 1 to 525 600; the console shows ages against it. Default 240. */
  DESK_TARGET_MINUTES?: string | undefined;
  /**
   * The common names of Access service tokens (their client ids) that may read `/desk/metrics`, and nothing else, with commas
   * between. Default: none.
   */
  DESK_MONITORS?: string | undefined;
  /** How many subrequests a scheduled run may make: 50, as on the Free plan, to 1000. Default 50. */
  DESK_SUBREQUESTS?: string | undefined;
}

/** Options of {@link createReviewDesk}. */
export interface ReviewDeskOptions {
  /** Makes the settings from the Worker's bindings, at once, where they have other names or come from elsewhere. */
  settings?:
    | {
        /** A method, so that it may give `env` the type of the Worker's own bindings. */
        settings(env: unknown): Partial<ReviewDeskSettings>;
      }["settings"]
    | undefined;
  /** Sends the requests to Civic, globaliD and Access in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
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

/** Why something was decided: one of a closed list, for a reason is kept for ever and free text could name somebody. */
export interface DeskReason {
  /** What is sent and kept. */
  code: string;
  /** What a reviewer reads. */
  label: string;
}

/** The reasons where `DESK_REASONS` does not name others. */
export const reasons: readonly DeskReason[];

/** What a person is at a desk: works on cases, reads the audit and nothing else, or both. */
export type DeskRole = "reviewer" | "auditor" | "admin";

/** `GET /desk/me`: who is signed in, and what a page must know of the desk. */
export interface DeskMe {
  /** As Access knows the person, in lower case. */
  email: string;
  /** At least one. */
  roles: DeskRole[];
  /** How long a decision can be taken back. */
  undoMs: number;
  /** How long a claim lasts. */
  claimMs: number;
  /** Within what time a case should be decided. */
  targetMs: number;
  /** How often a page should send its `POST /desk/cases/{id}/presence`. */
  beatMs: number;
  /** Whether a second person must approve each verdict. */
  twoPerson: boolean;
  /** The largest evidence that is let through; `maxBytes` of `fetchEvidence`. */
  evidenceMaxBytes: number;
  /** The longest note that a decision may bring, in characters (code points). */
  noteMaxChars: number;
  /** The codes that a decision may give as its reason. */
  reasons: DeskReason[];
}

/** How far a verdict has come. All times are epoch milliseconds. */
export type DeskDelivery =
  | {
      /** Nothing is decided, or a second person has to approve. */
      state: "none" | "approval";
    }
  | {
      /** It can still be undone. */
      state: "waiting";
      /** Until then. */
      sendAfter: number;
    }
  | {
      /** It is being looked for with Civic, and sent: it may be on the wire. */
      state: "leased";
      /** By then its sender counts as dead. */
      until: number;
      /** The number of this try. */
      attempts: number;
      /** Whether it is sent once more in this try: Civic had refused it as contradicting, and then showed no verdict. */
      sending: boolean;
      /** When the first try began. */
      since: number;
      /** Whether Civic has queued it: then it is only asked about. */
      queued: boolean;
      /** What the tries came to where their time is over, or `null`: then Civic is asked a last time, and sent nothing. */
      last: string | null;
    }
  | {
      /** A try failed, and another one follows. */
      state: "retrying";
      /** Not before then. */
      notBefore: number;
      /** How many tries there were. */
      attempts: number;
      /** What the last one failed with. */
      code: string;
      /** When the first one began. */
      since: number;
    }
  | {
      /** Civic took it for later (202) and does not show it yet. */
      state: "unconfirmed";
      /** Civic is asked about it not before then. */
      notBefore: number;
      /** How often it was asked about. */
      attempts: number;
      /** When Civic took it. */
      since: number;
    }
  | {
      /** Civic has it. */
      state: "delivered";
      /** Since then. */
      at: number;
      /** Whether it was sent, stood already, or was taken for later and stands now. */
      outcome: "applied" | "already-applied" | "queued";
    }
  | {
      /** Civic shows the other verdict: `POST /desk/cases/{id}/resolve`. */
      state: "conflict";
      /** Since then. */
      at: number;
      /** What Civic shows. */
      shown: import("passdesk").Decision;
    }
  | {
      /**
       * The desk gave up: `POST /desk/cases/{id}/retry`; or `…/resolve`, which closes the case, where Civic has ended the
       * request or has it no more.
       */
      state: "dead";
      /** Since then. */
      at: number;
      /** How many tries there were. */
      attempts: number;
      /** What the last one failed with; `ended` where the user cancelled, or the verification failed. */
      code: string;
      /** The HTTP status it failed with. */
      status: number | null;
    }
  | {
      /** Somebody let Civic's own verdict stand. */
      state: "resolved";
      /** Since then. */
      at: number;
      /** Who. */
      by: string;
      /** The verdict that stands. */
      shown: import("passdesk").Decision;
    };

/** A reviewer's hold on a case. */
export interface DeskClaim {
  /** Who. */
  by: string;
  /** Until when. */
  until: number;
}

/** The one decision of a case. */
export interface DeskDecision {
  /** What. */
  verdict: import("passdesk").Decision;
  /** By whom. */
  by: string;
  /** When. */
  at: number;
  /** Why: the code of a {@link DeskReason}. */
  reason: string | null;
  /** The end of the undo window; `null` where a second person had to be asked. */
  sendAfter: number | null;
  /** The second person's word. */
  approval: {
    /** Who. */
    by: string;
    /** When. */
    at: number;
    /** The end of the undo window. */
    sendAfter: number;
  } | null;
}

/** A case in the queue: what the desk knows of a request, which is nothing personal. */
export interface DeskCase {
  /** The request's id. */
  id: string;
  /** Grows by one with every change. */
  version: number;
  /** `open`: to be decided; `decided`: on its way to Civic; `closed`: nothing is left to do. */
  case: "open" | "decided" | "closed";
  /** Since when it is in the queue. */
  openedAt: number;
  /** Since when there is nothing left to do. */
  closedAt: number | null;
  /** When the verdict was first known to stand with Civic. */
  deliveredAt: number | null;
  /** When the desk looks at it again by itself. */
  dueAt: number | null;
  /** The status that Civic showed last. */
  upstreamStatus: string;
  /** Who works on it; `null` as well once that has expired. */
  claim: DeskClaim | null;
  /** What was decided here. */
  decision: DeskDecision | null;
  /** How far that has come. */
  delivery: DeskDelivery;
}

/**
 * What a reviewer left for colleagues beside a verdict. It is sealed at rest, goes with its verdict where that is undone and
 * with its case where that is purged, and is sent nowhere.
 */
export interface DeskNote {
  /** Whose: who decided. */
  by: string;
  /** When: with the decision. */
  at: number;
  /** Plain text; `null` where it cannot be opened any more, since the client secret was changed. */
  text: string | null;
}

/**
 * `GET /desk/cases/{id}` and `POST /desk/cases/{id}/presence`: a case, its note, and who else has it open. Where the page says that it
 * leaves the case, with `{ here: false }`, the answer is 204.
 */
export interface DeskCaseView extends DeskCase {
  /** The note that came with the decision, if one did. */
  note: DeskNote | null;
  /** The others whose page said so just now, the first one first. */
  viewers: {
    /** Who. */
    by: string;
    /** Since when. */
    since: number;
  }[];
}

/**
 * `GET /desk/cases`, with any of `state` (a `case`, or a delivery's `state`; several with commas between; of dead letters those
 * that nobody has let go of), `claimed` (`me`, `others`, `none`), `prefix` (how the id begins), `sort` (`oldest`, the default, or
 * `newest`), `limit` (1 to 200, default 50) and `cursor`.
 */
export interface DeskCasePage {
  /** In the order asked for. */
  cases: DeskCase[];
  /** The `cursor` of the next page; `null` where this was the last. */
  cursor: string | null;
}

/**
 * `POST /desk/cases/{id}/claim` and `…/release`, and `POST /desk/cases/next`, which answers 204 where nothing is free. It claims the
 * oldest case; with `{ after: id }` the first one behind that case, and where there is none, the oldest but for it.
 */
export interface DeskClaimReceipt {
  /** Which case. */
  id: string;
  /** The hold that you have now. */
  claim: DeskClaim | null;
}

/** What `POST /desk/cases/{id}/reveal` takes: a masked field is uncovered. The answer is 204, once the audit has a row of it. */
export interface DeskRevealRequest {
  /** Its name in `verifiedInformation`. */
  field: string;
}

/**
 * What `PUT /partner/piirequest/{id}/status` takes. Civic and the user are told the verdict alone. With an `Idempotency-Key`, 1 to
 * 128 visible ASCII characters, it can be sent again: it is decided once, and one that was undone is not given anew.
 */
export interface DeskDecisionRequest {
  /** The verdict. */
  status: import("passdesk").Decision;
  /** Why: the code of a {@link DeskReason}. */
  reason?: string;
  /**
   * For colleagues: plain text of 1 to 500 characters, not all of them blank, with no control character but a line feed and none
   * that turns the direction of writing. Kept with the first decision only: a repeat brings no other one.
   */
  note?: string;
}

/**
 * `PUT /partner/piirequest/{id}/status`, `POST /desk/cases/{id}/approve`, which takes the verdict's `{ status }`, `…/retry`, and
 * `…/resolve` with `{ how: "retry" }`.
 */
export interface DeskDecisionReceipt {
  /** Which request. */
  id: string;
  /** The verdict that stands. */
  status: import("passdesk").Decision;
  /** Whether it is on its way, or with Civic already. */
  outcome: "queued" | "already-applied";
  /** Until when it can be undone; `null` where a second person is to be asked. Absent where it was delivered already. */
  sendAfter?: number | null;
  /** There where a second person is to be asked. */
  approval?: "required";
  /** Whose decision it is; somebody may have been first. */
  decision: DeskStanding;
}

/** `DELETE /partner/piirequest/{id}/status`: the case is open again. */
export interface DeskUndoReceipt {
  /** Which request. */
  id: string;
  /** Its decision was taken back. */
  outcome: "undone";
}

/** `POST /desk/cases/{id}/resolve` with `{ how: "accept" }`: the case is closed. */
export type DeskResolutionReceipt =
  | {
      /** Which case. */
      id: string;
      /** Civic's own verdict stands. */
      outcome: "resolved";
      /** That verdict. */
      status: import("passdesk").Decision;
    }
  | {
      /** Which case. */
      id: string;
      /** Civic has ended the request, or has it no more. */
      outcome: "abandoned";
    };

/** `POST /desk/intake`, which takes `{ requestId }`: 202, for any id that can be one. */
export interface DeskIntakeReceipt {
  /** The same for all of them. */
  status: "accepted";
}

/** The verdict that stands, and whose it is. */
export interface DeskStanding {
  /** The verdict. */
  status: import("passdesk").Decision | null;
  /** Who gave it; `null` where that was not done here. */
  by: string | null;
  /** When. */
  at: number | null;
}

/**
 * The codes of the desk's own refusals.
 *
 * - `unauthenticated` (401), `access_unavailable` (503): Access has not said who is there, or its keys are not to be had.
 * - `forbidden`, `cross_site`, `forbidden_origin` (403): the person may not do this; another site's page asked; the dApp's origin
 *   is not among `INTAKE_ORIGINS`.
 * - `invalid_argument` (400), `too_large` (413), `unsupported_media` (415), `method_not_allowed` (405): what was sent makes no
 *   sense, is too long, is not JSON; a `HEAD` of data.
 * - `not_found`, `not_decided` (404): there is no such case; no decision stands on it.
 * - `claimed`, `decided` (409): another one has the case; there is nothing to claim any more.
 * - `conflict` (409): another verdict stands, or the delivery waits for a person's word.
 * - `undone` (409), `key_reused` (422): the decision with this `Idempotency-Key` was taken back; its verdict was another one.
 * - `too_late`, `not_awaiting`, `not_dead`, `no_conflict` (409): there is nothing to take back, approve, send again or settle.
 * - `rate_limited` (429), `busy` (503): come again after `retry-after`.
 * - `misconfigured`, `internal` (500): a setting is missing or makes no sense, or a table is missing; a fault of the desk.
 */
export type DeskRefusalCode =
  | "access_unavailable"
  | "busy"
  | "claimed"
  | "conflict"
  | "cross_site"
  | "decided"
  | "forbidden"
  | "forbidden_origin"
  | "internal"
  | "invalid_argument"
  | "key_reused"
  | "method_not_allowed"
  | "misconfigured"
  | "no_conflict"
  | "not_awaiting"
  | "not_dead"
  | "not_decided"
  | "not_found"
  | "rate_limited"
  | "too_large"
  | "too_late"
  | "unauthenticated"
  | "undone"
  | "unsupported_media";

/** What the desk refuses with; beside it stands what the code is about. */
export interface DeskRefusal {
  /** The desk's own code, or the client's where Civic or globaliD failed. */
  error: DeskRefusalCode | import("passdesk").PassdeskErrorCode;
  /**
   * With `forbidden`: `no_role`, `needs_reviewer`, `needs_auditor` or `needs_admin`; `not_yours`, where it is another one's to undo or
   * release; `second_person`, where who decided would approve.
   */
  why?: string;
  /** With `invalid_argument`: what of the request. */
  field?: string;
  /** With `misconfigured`: the settings that are wrong, by name, and what each must be; or that migrations are missing. */
  message?: string;
  /** With `claimed`: who has it. */
  by?: string;
  /** With `claimed`: until when. */
  until?: number;
  /** With `conflict` and `decided`: the verdict that stands. */
  decision?: DeskStanding;
  /** With `conflict`, `decided`, `too_late`, `not_awaiting`, `not_dead` and `no_conflict`: how far the delivery has come. */
  delivery?: DeskDelivery["state"];
}

/**
 * What was done, as the audit names it.
 *
 * - `record-viewed`, `evidence-viewed`, `field-revealed`: somebody saw data.
 * - `opened`, `reopened`: a case came into the queue; it came back.
 * - `claimed`, `released`, `claim-expired`: a hold began; it ended.
 * - `decided`, `approved`, `undone`: a verdict was given, approved by a second person, or taken back.
 * - `failed`, `queued`: a try failed, or was taken for later (202). `sending`: it went on, since Civic had refused the verdict as
 *   contradicting, and then showed none.
 * - `delivered`, `settled`: Civic has the verdict; it has it after a conflict.
 * - `conflict`, `resolved`: Civic shows the other verdict; a person has said what stands.
 * - `dead`, `retried`: the desk gave up; a person had it sent again.
 * - `decided-upstream`, `ended-upstream`: Civic shows a verdict that was not given here, or that there can be none.
 * - `abandoned`, `purged`: a person let go of the case; its time was over, and all but its rows was deleted.
 */
export type DeskAuditAction =
  | "abandoned"
  | "approved"
  | "claim-expired"
  | "claimed"
  | "conflict"
  | "dead"
  | "decided"
  | "decided-upstream"
  | "delivered"
  | "ended-upstream"
  | "evidence-viewed"
  | "failed"
  | "field-revealed"
  | "opened"
  | "purged"
  | "queued"
  | "record-viewed"
  | "released"
  | "reopened"
  | "resolved"
  | "retried"
  | "sending"
  | "settled"
  | "undone";

/** A row of `GET /desk/audit`. */
export interface DeskAuditRow {
  /** Its place, from 1. */
  seq: number;
  /** When. */
  at: number;
  /** Which case; empty where it was about none. */
  case: string;
  /** What was done. */
  action: DeskAuditAction;
  /** By whom; `desk` for its own doing. */
  by: string;
  /** Codes and names, as JSON text. */
  detail: string;
  /** The hash of the row before. */
  prev: string;
  /** Its own. */
  hash: string;
}

/** What `GET /desk/audit` takes in its query: with none of it all rows are asked for, the oldest first. */
export interface DeskAuditQuery {
  /** Rows about this request. */
  case?: string;
  /** Rows of this action. */
  action?: DeskAuditAction;
  /** Rows of this person, by e-mail address, or of the `desk`. */
  by?: string;
  /** Rows of this time or later, in milliseconds since 1970. */
  since?: number;
  /** Rows from before this time, in milliseconds since 1970. */
  until?: number;
  /** Rows with a greater `seq`. */
  after?: number;
  /** Rows with a smaller `seq`. */
  before?: number;
  /** Which come first. Default `oldest`; a file has no other order. */
  order?: "oldest" | "newest";
  /** How many rows at most: of a page 1 to 1000, default 100. A file has all of them, or as many as this says. */
  limit?: number;
  /** A file of the rows in place of a page. One that broke off says `incomplete` in its last line, which is no row. */
  format?: "ndjson" | "csv";
}

/** `GET /desk/audit`, the oldest row first. */
export interface DeskAuditPage {
  /** In their order. */
  rows: DeskAuditRow[];
  /** The `after` of the next page; `null` where this was the last. */
  after: number | null;
}

/** `GET /desk/audit?order=newest`. */
export interface DeskNewestAuditPage {
  /** The newest first. */
  rows: DeskAuditRow[];
  /** The `before` of the next page; `null` where this was the last. */
  before: number | null;
}

/**
 * `GET /desk/audit/verify`, with any of `after` (the `seq` of a row that is known to be good: the walk begins behind it) and
 * `limit` (how many rows are walked at most: 1 to 40 000, which is the default).
 */
export interface DeskAuditVerification {
  /** Whether each row that was walked is as it was written, and follows the one before. */
  ok: boolean;
  /** How many rows were walked. */
  checked: number;
  /** The `seq` of the last good row. */
  through: number;
  /** That row's hash. Kept elsewhere, it also proves that no row was cut off the end. */
  hash: string;
  /** Whether nothing follows; otherwise ask again with `after` = `through`. */
  complete: boolean;
  /** The first row that is not as it was written; absent where all are. */
  broken?: DeskAuditBreak;
}

/** Where the chain breaks. */
export interface DeskAuditBreak {
  /** The row. */
  seq: number;
  /** Its number does not follow, it does not carry the hash of the row before, or its own hash is of another row. */
  problem: "gap" | "link" | "hash";
}

/** `GET /desk/health`: 200 where it is `ok`, 503 otherwise. */
export interface DeskHealth {
  /** Whether the desk can work. */
  status: "ok" | "unavailable";
  /** Whether all tables are there and answer. */
  database: "ok" | "unavailable";
}

/**
 * Makes the desk's Worker. Nothing is read or sent before the first request.
 *
 * @throws PassdeskError `invalid_argument`
 */
export function createReviewDesk(options?: ReviewDeskOptions): ReviewDesk;
