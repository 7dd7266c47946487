import type { Pool } from 'offthread';
import type { Tables } from 'offthread/kysely';
import type * as entities from '../contenders/entities.js';
import { openMessagePort } from '../contenders/message-port.js';
import { openNodeSqlite3 } from '../contenders/node-sqlite3.js';
import { openPiscina } from '../contenders/piscina.js';
import { readUser } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { keyOf, openDatabase, SELECT_USER } from '../database.js';
import { type Call, measureCallers, measureCallersAndWaits, measureLoop } from '../load.js';
import type { Comparison, Contender, Goal, Trial } from '../trial.js';

/** Milliseconds until the threads of a pool, and those of its peers, make calls as fast as they ever do. */
const WARM_UP = 1_200;

const COLUMNS = ['id', 'name', 'email', 'age', 'bio'] as const;

async function kyselyOn(pool: Pool) {
  const [{ Kysely }, { OffthreadDialect }] = await Promise.all([import('kysely'), import('offthread/kysely')]);
  return new Kysely<Tables<typeof entities>>({ dialect: new OffthreadDialect(pool) });
}

const mainThread: Contender = {
  title: 'better-sqlite3 on the main thread',
  measure: (setting) => {
    const statement = openDatabase(setting.users).prepare(SELECT_USER);
    return measureLoop((i) => statement.get(keyOf(i)), setting);
  },
};

const plan = pooled('pool, sql', (pool) => (i) => {
  return pool.run(readUser(keyOf(i)));
});

const built = pooled('pool, Kysely query built anew', async (pool) => {
  const db = await kyselyOn(pool);
  return (i) => pool.run(db.selectFrom('user').select(COLUMNS).where('id', '=', keyOf(i)));
});

const piscina = (inFlight: number): Contender => ({
  title: 'Piscina, a task per call',
  measure: async (setting) => {
    const threads = await openPiscina(setting.users);
    const measurement = await measureCallersAndWaits((i) => threads.run(keyOf(i)), inFlight, setting, WARM_UP);
    await threads.destroy();
    return measurement;
  },
});

const nodeSqlite3 = (inFlight: number): Contender => ({
  title: 'node-sqlite3',
  isPeer: true,
  measure: async (setting) => {
    await using connection = await openNodeSqlite3(setting.users);
    return await measureCallersAndWaits((i) => connection.get(SELECT_USER, keyOf(i)), inFlight, setting, WARM_UP);
  },
});

function pooled(title: string, callOf: (pool: Pool) => Call | Promise<Call>) {
  return (inFlight: number): Contender => ({
    title,
    isPool: true,
    measure: async (setting) => {
      await using pool = await openPool(setting.users);
      return await measureCallersAndWaits(await callOf(pool), inFlight, setting, WARM_UP);
    },
  });
}

const port: Contender = {
  title: 'a bare MessagePort round trip',
  measure: async (setting) => {
    await using port = await openMessagePort(setting.users);
    return await measureCallers((i) => port.get(keyOf(i)), 1, setting, WARM_UP);
  },
};

/** What else calls on other threads. */
const peers = (inFlight: number) => ({
  plan: plan(inFlight),
  piscina: piscina(inFlight),
  nodeSqlite3: nodeSqlite3(inFlight),
});

const withMainThread = (inFlight: number) => ({ main: mainThread, ...peers(inFlight) });

const speed = (of: string, against: string, what: string, goal?: Goal): Comparison => ({
  ...{ what, figure: 'callsPerSecond', of, against },
  ...(goal && { goal }),
});
const againstMain = (of: string, goal?: Goal) => speed(of, 'main', 'calls against the main thread', goal);
const againstPiscina = (goal?: Goal) => speed('plan', 'piscina', 'calls against a task per call', goal);
const againstNodeSqlite3 = (goal?: Goal) => speed('plan', 'nodeSqlite3', 'calls against node-sqlite3', goal);

const utilization: Comparison = {
  what: 'main thread’s utilization',
  figure: 'utilization',
  of: 'plan',
  goal: { must: 0.35, aim: 0.2 },
};

function point(
  inFlight: number,
  contenders: Trial['contenders'] = peers(inFlight),
  comparisons: readonly Comparison[] = [againstPiscina(), againstNodeSqlite3()],
): Trial {
  const title = `point read by key, ${inFlight.toLocaleString('en')} in flight`;
  return { name: `reads-${inFlight}`, group: 'reads', title, contenders, comparisons };
}

export const reads: readonly Trial[] = [
  point(1, { port, ...peers(1) }, [
    {
      what: 'time against a bare round trip',
      figure: 'callTime',
      of: 'plan',
      against: 'port',
      goal: { must: 1.5, aim: 1.15 },
    },
    againstPiscina(),
    againstNodeSqlite3(),
  ]),
  point(64, { ...withMainThread(64), built: built(64) }, [
    againstMain('plan', { must: 0.55, aim: 1 }),
    againstMain('built'),
    utilization,
    againstPiscina({ must: 6, aim: 12 }),
    againstNodeSqlite3({ must: 6, aim: 12 }),
  ]),
  point(1_024, withMainThread(1_024), [againstMain('plan', { must: 0.9, aim: 1.4 }), utilization]),
];

/** What remains of it where there is no second core to work on. */
const pinned = (inFlight: number, others: Trial['contenders'], comparisons: readonly Comparison[]): Trial => {
  const { name, title } = point(inFlight);
  return {
    ...{ name: `${name}-one-core`, group: 'one-core', title: `${title}, on one core` },
    ...{ isPinned: true, contenders: { main: mainThread, plan: plan(inFlight), ...others } },
    comparisons: [againstMain('plan'), ...comparisons],
  };
};

export const oneCore: readonly Trial[] = [
  pinned(64, peers(64), [againstPiscina(), againstNodeSqlite3()]),
  pinned(1_024, {}, []),
];
