import { DatabaseError } from '../errors.js';

/**
 * How long the driver itself waits for a lock: not at all. Its wait is a native sleep that nobody can end, and a thread which
 * is ended in it, as `process.exit` does, aborts the process when the lock does not come.
 */
export const NATIVE_WAIT = 0;
const LONGEST_PAUSE = 25;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** Tries again with growing pauses while the database is busy, until `busyTimeout` milliseconds are over or `check` throws. */
export function whileBusy<T>(attempt: () => T, busyTimeout: number, check: () => void): T {
  const end = performance.now() + busyTimeout;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== 'busy') throw error;
      if (performance.now() >= end) throw waitedFor(error, busyTimeout);
    }
    Atomics.wait(nap, 0, 0, Math.min(pause, Math.max(0, end - performance.now())));
    check();
  }
}

function waitedFor(error: DatabaseError, busyTimeout: number): DatabaseError {
  const { message, code, kind, sql, cause } = error;
  const wayOut = `It was waited for busyTimeout = ${busyTimeout} ms: hold locks for less, or raise sqlite.busyTimeout.`;
  return new DatabaseError(`${message}\n  ${wayOut}`, { code, kind, sql }, { cause });
}
