// @ts-check
// Time and bodies: waiting that an abort ends at once, and bodies that drip, stop, break or never end.

/** A server that never answers must still let go some day; every client has given up long before. */
const FOR_EVER_MS = 600_000;
const PIECE = 64 * 1024;

/** Thrown where a server would cut the connection before it had sent any headers. */
export class SandboxReset extends TypeError {
  constructor() {
    super("fetch failed", {
      cause: Object.assign(new Error("the sandbox reset the connection"), { code: "ECONNRESET" }),
    });
    this.name = "SandboxReset";
  }
}

/**
 * Waits; an abort ends the wait at once with the signal's reason, and leaves neither timer nor listener.
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
export function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Waits for the client to give up.
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<never>}
 */
export async function never(signal) {
  await wait(FOR_EVER_MS, signal);
  throw new SandboxReset();
}

/**
 * A body made piece by piece as it is read. It ends at once when its reader or the request goes away.
 * @param {(signal: AbortSignal) => AsyncGenerator<Uint8Array>} generate
 * @param {AbortSignal | undefined} signal
 * @returns {ReadableStream<Uint8Array>}
 */
export function streamOf(generate, signal) {
  const gone = new AbortController();
  const pieces = generate(gone.signal);
  let release = () => {};
  return new ReadableStream(
    {
      start(controller) {
        const stop = () => {
          gone.abort(signal?.reason);
          controller.error(signal?.reason);
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener("abort", stop, { once: true });
        release = () => signal?.removeEventListener("abort", stop);
      },
      async pull(controller) {
        try {
          const { value, done } = await pieces.next();
          if (value) controller.enqueue(value);
          if (done) {
            release();
            controller.close();
          }
        } catch (error) {
          release();
          if (!gone.signal.aborted) throw error;
        }
      },
      cancel(reason) {
        release();
        gone.abort(reason);
      },
    },
    // Nothing is made before it is asked for: a large document must never lie in memory.
    { highWaterMark: 0 },
  );
}

/**
 * A complete body in drips, spread over `ms`. Each is a copy: the bytes may be a picture that others will be given too,
 * and whoever reads a body may write into what it got, or transfer it.
 * @param {Uint8Array} bytes
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
export function drip(bytes, ms, signal) {
  const drips = Math.max(1, Math.min(8, bytes.length));
  return streamOf(async function* (gone) {
    for (let i = 0; i < drips; i++) {
      await wait(ms / drips, gone);
      yield bytes.slice(Math.floor((bytes.length * i) / drips), Math.floor((bytes.length * (i + 1)) / drips));
    }
  }, signal);
}

/**
 * The first half of a body, and then nothing, for ever.
 * @param {Uint8Array} bytes
 * @param {AbortSignal | undefined} signal
 */
export function halfThenNothing(bytes, signal) {
  return streamOf(async function* (gone) {
    yield bytes.subarray(0, bytes.length >> 1);
    await never(gone);
  }, signal);
}

/**
 * The first half of a body, and then a broken connection.
 * @param {Uint8Array} bytes
 * @param {AbortSignal | undefined} signal
 */
export function halfThenBroken(bytes, signal) {
  return streamOf(async function* (gone) {
    yield bytes.subarray(0, bytes.length >> 1);
    // The half must be on its way before the break, or the client sees a reset instead of a cut.
    await wait(20, gone);
    throw new TypeError("terminated", { cause: new Error("the sandbox cut the body") });
  }, signal);
}

/**
 * `size` times the same byte, and then `end`.
 * @param {number} byte
 * @param {number} size
 * @param {Uint8Array} end
 * @param {AbortSignal | undefined} signal
 */
export function padded(byte, size, end, signal) {
  return streamOf(async function* () {
    // Each piece is made anew: a reader may have transferred the one before.
    for (let left = size; left > 0; left -= PIECE) yield new Uint8Array(Math.min(left, PIECE)).fill(byte);
    yield end;
  }, signal);
}

/**
 * A body whose length is known beforehand. workerd forgets a `content-length` header beside a stream unless the stream
 * itself knows the length; and without the length a client there could take a cut body for a whole one.
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} length
 * @returns {ReadableStream<Uint8Array>}
 */
export function ofLength(stream, length) {
  const { FixedLengthStream } = /** @type {{ FixedLengthStream?: new (length: number) => TransformStream }} */ (
    globalThis
  );
  return FixedLengthStream ? stream.pipeThrough(new FixedLengthStream(length)) : stream;
}
