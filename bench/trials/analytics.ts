import { count } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { COUNT, openDatabase } from '../database.js';
import { observe } from '../load.js';
import type { Setting, Trial } from '../trial.js';

const QUERIES = 8;
const MILLISECONDS = 100;

const steps = ({ stepsPerMillisecond }: Setting) => Math.round(MILLISECONDS * stepsPerMillisecond);

export const analytics: readonly Trial[] = [
  {
    name: 'analytics-8',
    group: 'analytics',
    title: `${QUERIES} analytical queries of about ${MILLISECONDS} ms each`,
    contenders: {
      main: {
        title: 'one after the other on the main thread',
        measure: async (setting) => {
          const statement = openDatabase(setting.users).prepare(COUNT);
          statement.get(1);
          const figures = await observe(() => {
            for (let query = 0; query < QUERIES; query++) statement.get(steps(setting));
          });
          return { figures };
        },
      },
      plan: {
        title: 'pool with 2 readers, sql',
        isPool: true,
        measure: async (setting) => {
          await using pool = await openPool(setting.users, { threads: 3 });
          const all = (to: number) => Promise.all(Array.from({ length: QUERIES }, () => pool.run(count(to))));
          await all(1);
          return { figures: await observe(() => all(steps(setting))) };
        },
      },
    },
    comparisons: [
      {
        what: 'time against the main thread',
        figure: 'wallTime',
        of: 'plan',
        against: 'main',
        goal: { must: 0.65, aim: 0.55 },
      },
    ],
  },
];
