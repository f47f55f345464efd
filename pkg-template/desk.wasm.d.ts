/** The state machine of the review desk, as workerd imports it: compiled. */
declare const module: WebAssembly.Module;
export default module;
