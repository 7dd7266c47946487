import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Pool } from 'offthread';
import { addNote, count, readUser } from '../contenders/plans.js';
import { openPool, openUnitPool, type UnitPool } from '../contenders/pool.js';
import { keyOf, makeNotes } from '../database.js';
import { callers, distribution, observe, timed, waits, warmUp } from '../load.js';
import type { Measurement, Setting, Trial } from '../trial.js';

/** Long enough that even a single slow call of the neighbour's is met by many. */
const AT_LEAST = 1_000;
const WRITERS = 8;

/** How long each call waits while a neighbour does what it does. */
async function neighbours(
  setting: Setting,
  inFlight: number,
  call: (i: number) => Promise<unknown>,
  neighbour: (isOver: () => boolean) => Promise<void>,
): Promise<Measurement> {
  await warmUp((calls) => callers(calls, inFlight, call), inFlight, setting);
  const waited: number[] = [];
  const end = performance.now() + Math.max(AT_LEAST, setting.seconds * 2_000);
  const isOver = () => performance.now() >= end;
  const caller = async () => {
    for (let i = 0; !isOver(); i++) await timed(() => call(i), waited);
  };
  const figures = await observe(() => Promise.all([neighbour(isOver), ...Array.from({ length: inFlight }, caller)]));
  return { figures: { ...figures, ...waits(waited) }, waits: distribution(waited) };
}

const nobody = () => Promise.resolve();

const slowReads = (pool: Pool, steps: number) => async (isOver: () => boolean) => {
  while (!isOver()) await pool.run(count(steps));
};

/** 200 ms of the writer's time in each 500. */
const slowWrites = (pool: UnitPool, steps: number) => async (isOver: () => boolean) => {
  while (!isOver()) {
    await setTimeout(300);
    await pool.units.addSlowNote(steps);
  }
};

function reader(title: string, slow: (pool: Pool, setting: Setting) => (isOver: () => boolean) => Promise<void>) {
  return {
    title,
    isPool: true,
    measure: async (setting: Setting) => {
      await using pool = await openPool(setting.users, { threads: 3 });
      return await neighbours(setting, 1, (i) => pool.run(readUser(keyOf(i))), slow(pool, setting));
    },
  };
}

function writer(title: string, slow: (pool: UnitPool, setting: Setting) => (isOver: () => boolean) => Promise<void>) {
  return {
    title,
    isPool: true,
    measure: async (setting: Setting) => {
      await using pool = await openUnitPool(makeNotes(setting.folder), { threads: 3 });
      return await neighbours(setting, WRITERS, (i) => pool.run(addNote(i, 'a fast note')), slow(pool, setting));
    },
  };
}

export const fairness: readonly Trial[] = [
  {
    name: 'read-beside-slow',
    group: 'fairness',
    title: 'a fast read beside another caller’s 500 ms query, 2 readers',
    contenders: {
      alone: reader('pool, nobody else there', () => nobody),
      beside: reader('pool, beside 500 ms queries', (pool, setting) =>
        slowReads(pool, 500 * setting.stepsPerMillisecond),
      ),
    },
    comparisons: [
      {
        what: 'p99 wait against an idle pool',
        figure: 'waitP99',
        of: 'beside',
        against: 'alone',
        goal: { must: 3, aim: 1.5 },
      },
      { what: 'p50 wait against an idle pool', figure: 'waitP50', of: 'beside', against: 'alone' },
    ],
  },
  {
    name: 'write-beside-slow',
    group: 'fairness',
    title: `a fast write (${WRITERS} in flight) beside another caller’s 200 ms write units`,
    contenders: {
      alone: writer('pool, nobody else there', () => nobody),
      beside: writer('pool, beside 200 ms units', (pool, setting) =>
        slowWrites(pool, 200 * setting.stepsPerMillisecond),
      ),
    },
    comparisons: [
      {
        what: 'p50 wait against a pool without it',
        figure: 'waitP50',
        of: 'beside',
        against: 'alone',
        goal: { must: 1.5, aim: 1.1 },
      },
      { what: 'p99 wait against a pool without it', figure: 'waitP99', of: 'beside', against: 'alone' },
    ],
  },
];
