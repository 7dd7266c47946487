import { openUnitPool } from '../contenders/pool.js';
import { keyOf } from '../database.js';
import { measureCallers, measureLoop } from '../load.js';
import type { Trial } from '../trial.js';

/** Milliseconds, on either side: an ORM's code is much more than a driver's, and takes as much longer to be compiled. */
const WARM_UP = 2_000;

export const units: readonly Trial[] = [
  {
    name: 'unit-lazy-64',
    group: 'units',
    title: 'unit with a get and a lazy relation, 64 in flight',
    contenders: {
      main: {
        title: 'the same unit on the main thread',
        measure: async (setting) => {
          const { openSession } = await import('offthread/orm');
          const { userPage } = await import('../contenders/units.js');
          using session = openSession(`sqlite:${setting.users}`);
          return await measureLoop((i) => session.call(userPage, keyOf(i)), setting, WARM_UP);
        },
      },
      unit: {
        title: 'pool, unit',
        isPool: true,
        measure: async (setting) => {
          await using pool = await openUnitPool(setting.users);
          return await measureCallers((i) => pool.units.userPage(keyOf(i)), 64, setting, WARM_UP);
        },
      },
    },
    comparisons: [
      {
        what: 'calls against inline calls',
        figure: 'callsPerSecond',
        of: 'unit',
        against: 'main',
        goal: { must: 0.6, aim: 1.2 },
      },
    ],
  },
];
