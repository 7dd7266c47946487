import type { Pool } from 'offthread';
import { readUser } from '../contenders/plans.js';
import { openPool, openUnitPool } from '../contenders/pool.js';
import { keyOf, openDatabase, SELECT_USER } from '../database.js';
import { type Call, measureCallers, measureLoop } from '../load.js';
import type { Contender, Trial } from '../trial.js';

const READS = 30;
const keysOf = (request: number) => Array.from({ length: READS }, (_, i) => keyOf(request * READS + i));

const direct: Contender = {
  title: 'directly, on the main thread',
  measure: (setting) => {
    const statement = openDatabase(setting.users).prepare(SELECT_USER);
    return measureLoop((request) => keysOf(request).map((id) => statement.get(id)), setting);
  },
};

const calls = pooled(`pool, ${READS} calls one after another`, (pool) => async (request) => {
  for (const id of keysOf(request)) await pool.run(readUser(id));
});
const together = pooled(`pool, ${READS} calls at once`, (pool) => (request) => {
  return Promise.all(keysOf(request).map((id) => pool.run(readUser(id))));
});
const unit: Contender = {
  title: 'pool, one unit',
  isPool: true,
  measure: async (setting) => {
    await using pool = await openUnitPool(setting.users);
    return await measureCallers((request) => pool.units.userList(keysOf(request)), 1, setting);
  },
};

function pooled(title: string, callOf: (pool: Pool) => Call): Contender {
  return {
    title,
    isPool: true,
    measure: async (setting) => {
      await using pool = await openPool(setting.users);
      return await measureCallers(callOf(pool), 1, setting);
    },
  };
}

export const request: readonly Trial[] = [
  {
    name: 'request-30',
    group: 'request',
    title: `a request that makes ${READS} small reads`,
    contenders: { direct, calls, together, unit },
    comparisons: ['calls', 'together', 'unit'].map((of) => ({
      what: 'time against direct reads',
      figure: 'callTime' as const,
      of,
      against: 'direct',
    })),
    advice:
      'Each awaited call is a hop of its own. Make reads that need each other one unit, and reads that do not at once.',
  },
];
