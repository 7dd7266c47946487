import { DatabaseError } from '../errors.js';

/** How long the driver itself waits for a lock. It is one native sleep, which nobody can interrupt: hence the slice. */
export const BUSY_SLICE = 25;
const LONGEST_PAUSE = 50;
const nap = new Int32Array(new SharedArrayBuffer(4));

/** Tries again with growing pauses while the database is busy, until `busyTimeout` milliseconds are over or `check` throws. */
export function whileBusy<T>(attempt: () => T, busyTimeout: number, check: () => void): T {
  const end = performance.now() + busyTimeout;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== 'busy' || performance.now() >= end) throw error;
    }
    Atomics.wait(nap, 0, 0, Math.min(pause, Math.max(0, end - performance.now())));
    check();
  }
}
