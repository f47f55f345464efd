// How the entries see the generated core.js, for the type check only; the package's own types are passdesk.d.ts.

/** Makes an instance; `onTrap` is told of whatever escapes from it. */
export function instantiate(module: WebAssembly.Module, onTrap: (error: unknown) => void): unknown;
