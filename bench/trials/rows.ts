import { listUsers } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { LIST_USERS, openDatabase } from '../database.js';
import { measureCallers, measureLoop } from '../load.js';
import type { Trial } from '../trial.js';

export const rows: readonly Trial[] = [
  {
    name: 'rows-10000',
    group: 'rows',
    title: '10,000 rows of 5 columns',
    contenders: {
      main: {
        title: '.all() on the main thread',
        measure: (setting) => {
          const statement = openDatabase(setting.users).prepare(LIST_USERS);
          return measureLoop(() => statement.all(), setting);
        },
      },
      plan: {
        title: 'pool, sql',
        isPool: true,
        measure: async (setting) => {
          await using pool = await openPool(setting.users);
          return await measureCallers(() => pool.run(listUsers()), 1, setting);
        },
      },
    },
    comparisons: [
      { what: 'time against .all()', figure: 'wallTime', of: 'plan', against: 'main', goal: { must: 1.4, aim: 1.1 } },
      {
        what: 'main thread’s busy time against .all()',
        figure: 'busyTime',
        of: 'plan',
        against: 'main',
        goal: { must: 0.45, aim: 0.25 },
      },
    ],
  },
];
