/**
 * The module of `passdesk/slim`'s `init`, as workerd and wrangler import it: compiled, and instantiated by `init`.
 *
 * Other tools give something else for the same import: Vite a URL with `passdesk/passdesk.wasm?url`, which is then for
 * `init(fetch(url))`.
 */
declare const module: WebAssembly.Module;
export default module;
