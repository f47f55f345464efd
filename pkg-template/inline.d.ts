/** The functions of `passdesk`, with the module inside the JavaScript: for tools that cannot handle a `.wasm` file. */
export * from "./passdesk.js";
