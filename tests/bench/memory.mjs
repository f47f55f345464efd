// @ts-check
// Import this before the package: it remembers the memory of every WebAssembly instance, which the package keeps to itself.

/** @type {WebAssembly.Memory[]} */
const memories = [];
const Instance = WebAssembly.Instance;

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args) {
    const instance = Reflect.construct(target, args);
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) memories.push(memory);
    return instance;
  },
});

/** Bytes of linear memory, of all instances. */
export const wasmMemory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

/** Bytes of the JavaScript heap after a collection; run Node with --expose-gc. */
export function heap() {
  if (globalThis.gc === undefined) throw new Error("run this with --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
