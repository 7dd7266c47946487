import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type DatabaseError, LeaseEndedError, sql } from 'offthread';
import { type AnyStage, on, onEach } from '../lanes/dialects.js';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import type { Notes } from '../lanes/stage.js';
import { add, idsOf } from './note.js';

onEach('leases: transaction(fn)', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('commits when the function fulfils, and answers with its result', async () => {
    const result = await pool.transaction(async (tx) => {
      await tx.run('add', [1]);
      await pause(1);
      await add(tx, 2);
      return tx.run('ids');
    });
    expect(result).to.deep.equal([1, 2]);
    expect(await stage.ids()).to.deep.equal([1, 2]);
    expect(await pool.transaction(() => 'at once')).to.equal('at once');
  });

  it('rolls back when it throws, and rejects with that', async () => {
    const error = new RangeError('mine');
    const failing = pool.transaction(async (tx) => {
      await add(tx, 1);
      throw error;
    });
    expect(await rejection(failing)).to.equal(error);
    const atOnce = pool.transaction(() => {
      throw error;
    });
    expect(await rejection(atOnce)).to.equal(error);
    expect(await stage.ids()).to.deep.equal([]);
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('leaves it to a function that has committed or rolled back itself', async () => {
    await pool.transaction(async (tx) => {
      await add(tx, 1);
      await tx.commit();
    });
    const answer = await pool.transaction(async (tx) => {
      await add(tx, 2);
      await tx.rollback();
      return 'nothing done';
    });
    expect(answer).to.equal('nothing done');
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('rejects when its lease has ended, also where its function never does', async () => {
    const never = () => new Promise<void>(() => {});
    expect(await rejection(pool.transaction(never, { idleTimeout: 50 }))).to.include({ reason: 'idle' });
    expect(await rejection(pool.transaction(never, { totalTimeout: 50 }))).to.include({ reason: 'total' });
    const caller = new AbortController();
    const told = rejection(pool.transaction(never, { signal: caller.signal }));
    await pause(30);
    caller.abort('gone');
    expect(await told).to.equal('gone');
    expect(await pool.run('add', [1])).to.equal(1);
  });

  it('leaves it to the function to say why, where a call told that of the end', async () => {
    const error = await rejection(
      pool.transaction(
        (tx) =>
          tx.run('work', [1, Gate.opened().buffer]).catch((cause) => {
            throw new Error('in my words', { cause });
          }),
        { totalTimeout: 150 },
      ),
    );
    expect(error).to.have.property('message', 'in my words');
    expect(error.cause).to.be.instanceOf(LeaseEndedError).and.to.include({ reason: 'total' });
    expect(await stage.ids()).to.deep.equal([]);
  });

  on(dialect, 'sqlite')('rejects where the function hides that the database has ended its transaction', async () => {
    const error = await rejection(
      pool.transaction(async (tx) => {
        await add(tx, 1);
        await tx.run(sql`insert or rollback into note (id) values (1)`).catch(() => {});
        return 'all is well';
      }),
    );
    expect(error).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'lost' });
    expect(await stage.ids()).to.deep.equal([]);
  });

  it('does not run again what failed, unless it is asked to', async () => {
    let runs = 0;
    const failing = (retries?: number) =>
      rejection(
        pool.transaction(
          async () => {
            runs++;
            throw await busyError();
          },
          retries === undefined ? {} : { retries },
        ),
      );
    expect(await failing())
      .to.include({ kind: 'busy' })
      .and.not.to.have.property('attempts');
    expect(runs).to.equal(1);
    expect(await failing(2)).to.include({ kind: 'busy', attempts: 3 });
    expect(runs).to.equal(4);
    const { message } = await rejection(pool.transaction(() => Promise.reject(new Error('mine')), { retries: 5 }));
    expect(message).to.equal('mine');
  });
  async function busyError(): Promise<DatabaseError> {
    const { DatabaseError: Type } = await import('offthread');
    return new Type('busy', { code: 'BUSY', kind: 'busy' });
  }

  on(dialect, 'mysql')('runs again from its start after a deadlock, where it is asked to', async () => {
    await add(pool, 1);
    await add(pool, 2);
    const met: (() => void)[] = [];
    const both = Promise.all([0, 1].map(() => new Promise<void>((resolve) => met.push(resolve))));
    let runs = 0;
    const lock = (first: number, second: number, own: number) =>
      pool.transaction(
        async (tx) => {
          const isFirst = ++runs <= 2;
          await tx.run(sql`select id from note where id = ${first} for update`);
          if (isFirst) {
            met[own]?.();
            await both;
          }
          await tx.run(sql`select id from note where id = ${second} for update`);
          await add(tx, 10 + own);
          return 'done';
        },
        { retries: 3 },
      );
    expect(await Promise.all([lock(1, 2, 0), lock(2, 1, 1)])).to.deep.equal(['done', 'done']);
    expect(runs).to.equal(3);
    expect(await stage.ids()).to.deep.equal([1, 2, 10, 11]);
  });

  on(dialect, 'mysql')(
    'has the isolation that it is given, and the next one what the server does by itself',
    async () => {
      const one = await stage.open({ threads: 1 });
      const seen = async (isolation?: 'read committed') => {
        await one.run('clear');
        return one.transaction(
          async (tx) => {
            const before = await idsOf(tx);
            await add(pool, 1);
            return [before, await idsOf(tx)];
          },
          { access: 'read', ...(isolation && { isolation }) },
        );
      };
      expect(await seen('read committed')).to.deep.equal([[], [1]]);
      expect(await seen()).to.deep.equal([[], []]);
    },
  );

  it('wants a function, and options that it knows', async () => {
    const wrong = (work: unknown, options?: object) => rejection(pool.transaction(work as () => void, options));
    expect((await wrong('x')).message).to.equal("transaction(fn) must be a function of a lease, not 'x'.");
    expect((await wrong(() => 1, { retries: -1 })).message).to.contain('retries must be a whole number from 0');
    expect((await wrong(() => 1, { retires: 1 })).message).to.contain("no option 'retires'. Did you mean 'retries'?");
  });
});
