import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type CallOptions, type PoolOptions, sql } from 'offthread';
import { type AnyStage, type Dialect, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { type Notes, Stage } from './stage.js';

const CALLS = 400;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Kind {
  readonly weight: number;
  /** Whether it has to write its id when it is fulfilled, or never does. */
  readonly writes: boolean;
  /** Where it is another on a server, or none. */
  readonly on?: 'sqlite';
  readonly call: (pool: Notes, id: number, options: CallOptions) => Promise<unknown>;
}

const kinds: readonly Kind[] = [
  { weight: 8, writes: true, call: (pool, id, options) => pool.run('add', [id], options) },
  {
    weight: 4,
    writes: true,
    call: (pool, id, options) => pool.run(sql`insert into note (id) values (${id})`, options),
  },
  {
    weight: 3,
    writes: true,
    call: (pool, id, options) => pool.run([pool.plan('add', [id]), pool.plan('ids')], options),
  },
  { weight: 2, writes: true, on: 'sqlite', call: (pool, id, options) => pool.run('hazard.useRaw', [id], options) },
  { weight: 2, writes: true, on: 'sqlite', call: (pool, id, options) => pool.run('hazard.catchRaw', [id], options) },
  { weight: 2, writes: true, call: (pool, id, options) => pool.run('hazard.swallowConflict', [id], options) },
  { weight: 1, writes: true, call: (pool, id, options) => pool.run('sleepAndAdd', [id, 8], options) },
  { weight: 6, writes: false, call: (pool, _, options) => pool.run('ids', [], options) },
  {
    weight: 4,
    writes: false,
    call: (pool, id, options) => pool.run(sql`select * from note where id = ${id}`, options),
  },
  { weight: 1, writes: false, call: (pool, _, options) => pool.run('holdReading', [Gate.opened().buffer], options) },
  ...(['fail', 'conflict', 'returnFunction'] as const).map((name) => ({
    weight: 1,
    writes: true,
    call: (pool: Notes, id: number, options: CallOptions) => pool.run(`hazard.${name}`, [id], options),
  })),
  ...(['orRollback', 'raise', 'orphan', 'swallowAndEnd'] as const).map((name) => ({
    weight: 1,
    writes: true,
    on: 'sqlite' as const,
    call: (pool: Notes, id: number, options: CallOptions) => pool.run(`hazard.${name}`, [id], options),
  })),
  {
    weight: 1.5,
    writes: true,
    call: (pool, id, options) =>
      pool.transaction(async (tx) => {
        await tx.run('ids');
        await tx.savepoint((within) => within.run('add', [id]));
      }, options),
  },
  {
    weight: 0.5,
    writes: false,
    call: (pool, id, options) =>
      pool.transaction(async (tx) => {
        await Promise.all([tx.run('add', [id]), tx.run('ids')]);
        throw new Error('on purpose');
      }, options),
  },
  {
    weight: 0.5,
    writes: true,
    call: async (pool, id, options) => {
      await using lease = await pool.lease({ ...options, totalTimeout: 25 });
      await lease.run('sleepAndAdd', [id, 8]);
      await lease.commit();
    },
  },
  // These never end by themselves.
  { weight: 1, writes: true, call: (pool, id, options) => pool.run('work', [id, opened], { timeout: 15, ...options }) },
  {
    weight: 0.06,
    writes: true,
    call: (pool, id, options) => pool.run('death.loop', [id], { timeout: 15, ...options }),
  },
  {
    weight: 0.06,
    writes: false,
    call: (pool, _, options) => pool.run('death.loopReading', [], { timeout: 15, ...options }),
  },
  { weight: 0.06, writes: true, call: (pool, id, options) => pool.run('death.exit', [id], options) },
];
const opened = Gate.opened().buffer;

const SEEDS: Readonly<Record<Dialect, readonly { readonly seed: number; readonly threads: number }[]>> = {
  sqlite: [
    { seed: 1, threads: 3 },
    { seed: 2, threads: 2 },
    { seed: 3, threads: 1 },
  ],
  mysql: [{ seed: 4, threads: 2 }],
};

const TITLE = 'lanes: whatever happens at once, each call settles once, and what is committed is what was fulfilled';
onEach(TITLE, (newStage, dialect) => {
  const possible = kinds.filter(({ on = dialect }) => on === dialect);
  const quick: Partial<PoolOptions> = dialect === 'sqlite' ? { sqlite: { synchronous: 'OFF' } } : {};
  const weights = possible.reduce((sum, { weight }) => sum + weight, 0);
  for (const { seed, threads } of SEEDS[dialect]) {
    it(`seed ${seed}, ${threads} lanes`, async () => {
      const stage: AnyStage = await newStage();
      try {
        const pool = await stage.open({ threads, ...quick });
        await pool.run('add', [1]);
        const next = random(seed);
        const settlements = new Map<number, string[]>();
        const calls: Promise<unknown>[] = [];
        const wanted = new Map<number, boolean>();
        for (let id = 10; id < 10 + CALLS; id++) {
          const { call, writes } = choose(next);
          wanted.set(id, writes);
          settlements.set(id, []);
          const caller = new AbortController();
          const told = settlementOf(call(pool, id, optionsOf(next, caller)));
          calls.push(told.then((settled) => settlements.get(id)?.push(settled)));
          if (next() < 0.15) setTimeout(() => caller.abort('given up'), next() * 30);
          if (next() < 0.3) await pause(next() * 6);
        }
        await Promise.all(calls);
        const rows = new Set(await pool.run('ids'));
        for (const [id, settled] of settlements) {
          expect(settled, `the call ${id}`).to.have.length(1);
          if (settled[0] !== 'unknown')
            expect(rows.has(id), `the row ${id}`).to.equal(settled[0] === 'fulfilled' && wanted.get(id));
        }
        expect([...settlements.values()].flat().filter((each) => each === 'fulfilled').length).to.be.greaterThan(
          CALLS / 4,
        );
        expect(rows.has(1)).to.equal(true);
        expect(pool.stats()).to.include({ waiting: 0, running: 0 });
        await pool.close();
        expectSound(stage);
      } finally {
        await stage.remove();
      }
    });
  }

  const settlementOf = (call: Promise<unknown>) =>
    call.then(
      () => 'fulfilled',
      (error) => (error?.outcome === 'unknown' ? 'unknown' : 'rejected'),
    );
  function expectSound(stage: AnyStage): void {
    if (!(stage instanceof Stage)) return;
    const connection = stage.connect();
    expect(connection.pragma('integrity_check', { simple: true })).to.equal('ok');
    expect(connection.pragma('foreign_key_check')).to.deep.equal([]);
  }
  function choose(next: () => number): Kind {
    let at = next() * weights;
    return possible.find(({ weight }) => (at -= weight) < 0) ?? (possible[0] as Kind);
  }
  function optionsOf(next: () => number, { signal }: AbortController): CallOptions {
    const kind = next();
    if (kind < 0.1) return { signal, timeout: 1 + next() * 20 };
    if (kind < 0.2) return { signal, queueTimeout: 1 + next() * 20 };
    return { signal };
  }
});
