import { Kysely } from 'kysely';
import { OffthreadDialect, type Tables } from '../../lib/kysely.js';
import type * as entities from '../contenders/entities.js';
import { openNodeSqlite3 } from '../contenders/node-sqlite3.js';
import { openPiscina } from '../contenders/piscina.js';
import { readUser } from '../contenders/plans.js';
import { type BenchPool, openPool } from '../contenders/pool.js';
import { keyOf, openDatabase, SELECT_USER } from '../database.js';
import { type Call, measureCallersAndWaits, measureLoop } from '../load.js';
import type { Comparison, Contender, Trial } from '../trial.js';

export const CURVE = [1, 8, 64, 256, 1_024];

const COLUMNS = ['id', 'name', 'email', 'age', 'bio'] as const;
const kysely = (pool: BenchPool) => new Kysely<Tables<typeof entities>>({ dialect: new OffthreadDialect(pool) });

export const mainThread: Contender = {
  title: 'better-sqlite3 on the main thread',
  measure: (setting) => {
    const statement = openDatabase(setting.users).prepare(SELECT_USER);
    return measureLoop((i) => statement.get(keyOf(i)), setting);
  },
};

export const plan = pooled('pool, sql', (pool) => (i) => {
  return pool.run(readUser(keyOf(i)));
});

const compiled = pooled('pool, compiled Kysely query', (pool) => {
  const query = kysely(pool).selectFrom('user').select(COLUMNS).where('id', '=', 0).compile();
  return (i) => pool.run({ ...query, parameters: [keyOf(i)] });
});

const built = pooled('pool, Kysely query built anew', (pool) => {
  const db = kysely(pool);
  return (i) => pool.run(db.selectFrom('user').select(COLUMNS).where('id', '=', keyOf(i)));
});

const piscina = (inFlight: number): Contender => ({
  title: 'Piscina, a task per call',
  measure: async (setting) => {
    const threads = openPiscina(setting.users);
    const measurement = await measureCallersAndWaits((i) => threads.run(keyOf(i)), inFlight, setting);
    await threads.destroy();
    return measurement;
  },
});

const nodeSqlite3 = (inFlight: number): Contender => ({
  title: 'node-sqlite3',
  isPeer: true,
  measure: async (setting) => {
    await using connection = await openNodeSqlite3(setting.users);
    return await measureCallersAndWaits((i) => connection.get(SELECT_USER, keyOf(i)), inFlight, setting);
  },
});

function pooled(title: string, callOf: (pool: BenchPool) => Call) {
  return (inFlight: number): Contender => ({
    title,
    isPool: true,
    measure: async (setting) => {
      await using pool = await openPool(setting.users);
      return await measureCallersAndWaits(callOf(pool), inFlight, setting);
    },
  });
}

/** The peers, and the pool given its statement as text. */
export const few = (inFlight: number) => ({
  main: mainThread,
  plan: plan(inFlight),
  piscina: piscina(inFlight),
  nodeSqlite3: nodeSqlite3(inFlight),
});

const many = (inFlight: number) => ({ ...few(inFlight), compiled: compiled(inFlight), built: built(inFlight) });

const against = (of: string, other: string, what: string, goal?: Comparison['goal']): Comparison => ({
  what,
  figure: 'callsPerSecond',
  of,
  against: other,
  ...(goal && { goal }),
});

export const reads: readonly Trial[] = CURVE.map((inFlight): Trial => {
  const trial = { name: `reads-${inFlight}`, group: 'reads', title: `point read by key, ${inFlight} in flight` };
  const busy: Comparison = {
    what: 'main thread’s utilization',
    figure: 'utilization',
    of: 'plan',
    goal: { must: 0.35, aim: 0.2 },
  };
  const others = ['compiled', 'built'].map((of) => against(of, 'main', 'calls against the main thread'));
  if (inFlight === 64) {
    return {
      ...trial,
      contenders: many(inFlight),
      comparisons: [
        against('plan', 'main', 'calls against the main thread', { must: 0.55, aim: 1 }),
        ...others,
        busy,
        against('plan', 'piscina', 'calls against a task per call', { must: 6, aim: 12 }),
        against('plan', 'nodeSqlite3', 'calls against node-sqlite3', { must: 6, aim: 12 }),
      ],
    };
  }
  if (inFlight === 1_024) {
    const goal = { must: 0.9, aim: 1.4 };
    const comparisons = [against('plan', 'main', 'calls against the main thread', goal), ...others, busy];
    return { ...trial, contenders: many(inFlight), comparisons };
  }
  return {
    ...trial,
    contenders: few(inFlight),
    comparisons: [against('plan', 'main', 'calls against the main thread')],
  };
});

/** What remains of it where there is no second core to work on. */
export const oneCore: readonly Trial[] = [64, 1_024].map((inFlight) => ({
  name: `reads-${inFlight}-one-core`,
  group: 'one-core',
  title: `point read by key, ${inFlight} in flight, on one core`,
  isPinned: true,
  contenders: few(inFlight),
  comparisons: [
    against('plan', 'main', 'calls against the main thread'),
    against('plan', 'piscina', 'calls against a task per call'),
    against('plan', 'nodeSqlite3', 'calls against node-sqlite3'),
  ],
}));
