import type { Pool } from 'offthread';
import { readUser } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { keyOf } from '../database.js';
import { callers } from '../load.js';
import type { Contender, Trial } from '../trial.js';

const WAITING = 100_000;
const CALLS = 1_000_000;
/** Until then the heap gets what is kept once: compiled code, and what it has learnt of its objects. */
const FIRST_CALLS = 200_000;
const LANES = 5;
const flags = ['--expose-gc'];

const read = (pool: Pool, i: number) => pool.run(readUser(keyOf(i)));

/** Bytes in use once nothing can be collected any more. */
function used(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const waiting: Contender = {
  title: `pool, ${WAITING.toLocaleString('en')} calls waiting`,
  flags,
  measure: async (setting) => {
    await using pool = await openPool(setting.users, { maxQueue: WAITING });
    await callers(10_000, 64, (i) => read(pool, i));
    const before = used();
    // All of one turn: until it ends, no call has left the queue.
    const calls = Array.from({ length: WAITING }, (_, i) => read(pool, i));
    const bytesPerCall = (used() - before) / WAITING;
    await Promise.all(calls);
    return { figures: { bytesPerCall } };
  },
};

const million: Contender = {
  title: `pool, ${CALLS.toLocaleString('en')} calls, 1,024 in flight`,
  flags,
  measure: async (setting) => {
    await using pool = await openPool(setting.users);
    const call = (i: number) => read(pool, i);
    await callers(FIRST_CALLS, 1_024, call);
    const before = used();
    await callers(CALLS, 1_024, call);
    return { figures: { heapGrowth: (used() - before) / 1_024 } };
  },
};

const lanes: Contender = {
  title: `pool, ${LANES} lanes, each used`,
  flags,
  measure: async (setting) => {
    used();
    const before = process.memoryUsage.rss();
    await using pool = await openPool(setting.users, { threads: LANES });
    await callers(10_000, 256, (i) => read(pool, i));
    await pool.ping();
    return { figures: { laneMemory: (process.memoryUsage.rss() - before) / LANES / 2 ** 20 } };
  },
};

export const memory: readonly Trial[] = [
  {
    name: 'memory-waiting',
    group: 'memory',
    title: 'heap of a call that waits',
    contenders: { waiting },
    comparisons: [{ what: 'heap per waiting call', figure: 'bytesPerCall', of: 'waiting', goal: { must: 1_024 } }],
  },
  {
    name: 'memory-million',
    group: 'memory',
    title: 'heap after a million calls',
    contenders: { million },
    comparisons: [{ what: 'growth of the heap', figure: 'heapGrowth', of: 'million', goal: { must: 1_024 } }],
  },
  {
    name: 'memory-lane',
    group: 'memory',
    title: 'resident memory of a lane',
    contenders: { lanes },
    comparisons: [{ what: 'resident memory per lane', figure: 'laneMemory', of: 'lanes' }],
  },
];
