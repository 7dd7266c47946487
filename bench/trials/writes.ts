import type { Pool } from 'offthread';
import { addNote } from '../contenders/plans.js';
import { openPool } from '../contenders/pool.js';
import { ADD_NOTE, makeNotes, openDatabase } from '../database.js';
import { type Call, measureCallersAndWaits, measureLoop } from '../load.js';
import type { Contender, Measurement, Setting, Trial } from '../trial.js';

const TEXT = 'A note as long as notes are, which is about a line.';

/** Milliseconds: a single caller waits for the disk most of the time, and code that runs seldom is compiled late. */
const WARM_UP_OF_ONE = 2_000;
const warmUpOf = (inFlight: number) => (inFlight === 1 ? WARM_UP_OF_ONE : undefined);

const autocommit = (inFlight: number): Contender => ({
  title: 'better-sqlite3, a commit each',
  measure: (setting) => {
    const statement = openDatabase(makeNotes(setting.folder)).prepare(ADD_NOTE);
    return measureLoop((i) => statement.run(i, TEXT), setting, warmUpOf(inFlight));
  },
});

/** The fair peer: what the pool gains is the shared commit, and here the main thread shares it too. */
const together: Contender = {
  title: 'better-sqlite3, 64 to a commit',
  measure: async (setting) => {
    const database = openDatabase(makeNotes(setting.folder));
    const statement = database.prepare(ADD_NOTE);
    const insert = database.transaction((i: number) => {
      for (let each = 0; each < 64; each++) statement.run(i * 64 + each, TEXT);
    });
    const { figures } = await measureLoop(insert, setting);
    return { figures: { ...figures, callsPerSecond: figures.callsPerSecond! * 64, callTime: figures.callTime! / 64 } };
  },
};

const plan = (inFlight: number) => pooled('pool, sql', inFlight, (pool) => (i) => pool.run(addNote(i, TEXT)));

function pooled(title: string, inFlight: number, callOf: (pool: Pool) => Call): Contender {
  return {
    title,
    isPool: true,
    measure: async (setting: Setting): Promise<Measurement> => {
      await using pool = await openPool(makeNotes(setting.folder));
      return await measureCallersAndWaits(callOf(pool), inFlight, setting, warmUpOf(inFlight));
    },
  };
}

export const writes: readonly Trial[] = [
  {
    name: 'insert-64',
    group: 'writes',
    title: 'durable insert (synchronous=FULL), 64 in flight',
    contenders: { autocommit: autocommit(64), together, plan: plan(64) },
    comparisons: [
      {
        what: 'inserts against a commit each',
        figure: 'callsPerSecond',
        of: 'plan',
        against: 'autocommit',
        goal: { must: 12, aim: 25 },
      },
      {
        what: 'inserts against 64 to a commit',
        figure: 'callsPerSecond',
        of: 'plan',
        against: 'together',
        goal: { must: 0.4, aim: 0.7 },
      },
    ],
  },
  {
    name: 'insert-1',
    group: 'writes',
    title: 'durable insert, one caller',
    contenders: { autocommit: autocommit(1), plan: plan(1) },
    comparisons: [
      {
        what: 'inserts against a commit each',
        figure: 'callsPerSecond',
        of: 'plan',
        against: 'autocommit',
        goal: { must: 0.6, aim: 0.8 },
      },
    ],
  },
];
