import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError, LeaseEndedError, type OffthreadError } from '../errors.js';
import type { Shared } from './caller.js';
import type { Dispatcher } from './dispatcher.js';
import { runAsHolder } from './holder.js';
import { type OpenLease, type Taken, takeLease } from './lease.js';
import type { LeaseSettings } from './lease-options.js';

/** As it was when this was loaded, since tests replace it. */
const { setImmediate } = globalThis;

/** Runs a function on a lease: commits it when the function has returned, and rolls it back where it has failed. */
export async function runTransaction<R>(
  dispatcher: Dispatcher,
  pool: Shared,
  settings: LeaseSettings,
  work: (lease: OpenLease) => R | PromiseLike<R>,
): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    let isOver = true;
    try {
      const taken = await takeLease(dispatcher, pool, settings);
      isOver = false;
      const result = runAsHolder(taken.tenancy.hold, taken.tenancy.root, async () => await work(taken.lease));
      const over = () => (isOver = true);
      result.then(over, over);
      return await finish(taken, result);
    } catch (error) {
      // Two of the same function must not run at once: one that goes on although its lease has ended is not begun again.
      if (!isOver || attempt > settings.retries || !mayFareBetter(error)) {
        if (attempt > 1 && error instanceof Error) Reflect.set(error, 'attempts', attempt);
        throw error;
      }
      // Two that met would meet again.
      await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE));
    }
  }
}
/** Milliseconds. */
const LONGEST_PAUSE = 32;

async function finish<R>({ lease, tenancy, ended }: Taken, result: Promise<R>): Promise<R> {
  try {
    const value = await Promise.race([result, untold(ended)]);
    // The function may have ended it itself, one way or the other.
    if (!tenancy.isEndedByCaller) await lease.commit();
    return value;
  } catch (error) {
    await tenancy.rollback();
    throw error;
  }
}

/**
 * What has ended the lease while its function waits for something else, which may never come. Whoever was told by a call of his
 * own says himself what came of it.
 */
async function untold(ended: Promise<never>): Promise<never> {
  try {
    return await ended;
  } catch (reason) {
    if (reason instanceof LeaseEndedError && reason.reason === 'lost') return new Promise<never>(() => {});
    await new Promise<void>((resolve) => setImmediate(resolve));
    throw reason;
  }
}

const DEEPEST = 8;
/** Whether the database undid it because of others, and may not the next time; also where the function told so in an error of its own. */
function mayFareBetter(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST && cause instanceof Error; depth++, cause = cause.cause) {
    if ((cause as Partial<OffthreadError>).outcome === 'unknown') return false;
    if (cause instanceof DatabaseError) return AGAIN.has(cause.kind);
  }
  return false;
}
const AGAIN: ReadonlySet<string> = new Set(['deadlock', 'stale-snapshot', 'busy']);
