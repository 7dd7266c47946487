import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { count, listUsers, readUser } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { COUNT, keyOf, LIST_USERS, openDatabase, SELECT_USER } from '../database.js';
import { Heartbeat } from '../heartbeat.js';
import { callers, warmUp } from '../load.js';
import type { Measurement, Setting, Trial } from '../trial.js';

const AT_LEAST = 1_000;

/** What a server's callers want of the database, in milliseconds of a query's time where it has one. */
interface Driver {
  read(id: number): unknown;
  rows(): unknown;
  count(steps: number): unknown;
}

/** Three kinds of callers at once: many small reads, some lists, and a report of 100 ms now and then. */
async function serve(driver: Driver, setting: Setting): Promise<Measurement> {
  await driver.rows();
  await warmUp((calls) => callers(calls, 8, (i) => driver.read(keyOf(i))), 8, setting);
  using heartbeat = new Heartbeat();
  const end = performance.now() + Math.max(AT_LEAST, setting.seconds * 2_000);
  const repeat = async (call: (i: number) => unknown) => {
    for (let i = 0; performance.now() < end; i++) {
      await call(i);
      await setImmediate(); // a request ends here, and the event loop has its turn
    }
  };
  await Promise.all([
    ...Array.from({ length: 8 }, (_, caller) => repeat((i) => driver.read(keyOf(i * 8 + caller)))),
    repeat(() => driver.rows()),
    repeat(() => driver.count(100 * setting.stepsPerMillisecond)),
  ]);
  return { figures: heartbeat.delay(), delays: heartbeat.slices() };
}

export const loop: readonly Trial[] = [
  {
    name: 'loop-mixed',
    group: 'loop',
    title: 'event-loop delay under small reads, lists of 10,000 rows and queries of 100 ms',
    contenders: {
      main: {
        title: 'better-sqlite3 on the main thread',
        measure: (setting) => {
          const database = openDatabase(setting.users);
          const user = database.prepare(SELECT_USER);
          const users = database.prepare(LIST_USERS);
          const counting = database.prepare(COUNT);
          const driver = {
            read: (id: number) => user.get(id),
            rows: () => users.all(),
            count: (to: number) => counting.get(to),
          };
          return serve(driver, setting);
        },
      },
      pool: {
        title: 'pool with 2 readers',
        isPool: true,
        measure: async (setting) => {
          await using pool = await openPool(setting.users, { threads: 3 });
          const driver = {
            read: (id: number) => pool.run(readUser(id)),
            rows: () => pool.run(listUsers()),
            count: (to: number) => pool.run(count(to)),
          };
          return await serve(driver, setting);
        },
      },
    },
    comparisons: [
      { what: 'p99 delay against the main thread', figure: 'delayP99', of: 'pool', against: 'main' },
      { what: 'longest delay against the main thread', figure: 'delayMax', of: 'pool', against: 'main' },
    ],
  },
];
