// `passdesk/slim` is `passdesk` with `init`; `passdesk/inline` is `passdesk`.

import type * as passdesk from "passdesk";
import type * as inline from "passdesk/inline";
import module from "passdesk/passdesk.wasm";
import * as slim from "passdesk/slim";
import { type Equals, holds } from "./equals.js";

holds<Equals<typeof module, WebAssembly.Module>>();
holds<Equals<Exclude<keyof typeof slim, keyof typeof passdesk>, "init">>();
holds<Equals<Exclude<keyof typeof passdesk, keyof typeof slim>, never>>();
holds<Equals<keyof typeof inline, keyof typeof passdesk>>();

// An error or a provider of one entry is one of the other's.
export const error = (e: slim.PassdeskError): passdesk.PassdeskError => e;
export const provider = (p: slim.TokenProvider): passdesk.Token => p;

declare const bytes: Uint8Array<ArrayBuffer>;
export const inits: Promise<void>[] = [
  slim.init(module),
  slim.init(bytes),
  slim.init(bytes.buffer),
  slim.init(new Response(bytes)),
  slim.init(fetch("https://a.example/passdesk.wasm")),
];
// @ts-expect-error an address is not a module
slim.init("https://a.example/passdesk.wasm");
// @ts-expect-error nothing to load
slim.init();
// @ts-expect-error `passdesk` loads by itself
export type NoInit = typeof passdesk.init;
