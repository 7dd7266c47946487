import { readUser } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { keyOf } from '../database.js';
import { measureCallers } from '../load.js';
import type { Contender, Trial } from '../trial.js';

const SIZES = [100, 1_000, 10_000, 100_000];

/** So many calls made in one turn of the event loop: all but the first batches wait. */
function waiting(size: number): Contender {
  return {
    title: `pool, ${size.toLocaleString('en')} waiting`,
    isPool: true,
    measure: async (setting) => {
      await using pool = await openPool(setting.users, { maxQueue: size });
      const all = () => Promise.all(Array.from({ length: size }, (_, i) => pool.run(readUser(keyOf(i)))));
      const { figures } = await measureCallers(all, 1, setting);
      return {
        figures: { ...figures, callTime: figures.callTime! / size, callsPerSecond: figures.callsPerSecond! * size },
      };
    },
  };
}

export const queue: readonly Trial[] = [
  {
    name: 'waiting-cost',
    group: 'queue',
    title: 'cost per call as more calls wait',
    contenders: Object.fromEntries(SIZES.map((size) => [`waiting-${size}`, waiting(size)])),
    comparisons: SIZES.slice(1).map((size) => ({
      what: 'time per call against 100 waiting',
      figure: 'callTime' as const,
      of: `waiting-${size}`,
      against: 'waiting-100',
      goal: { must: 1.5, aim: 1 },
    })),
  },
];
