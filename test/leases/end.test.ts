import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { LaneLostError, LeaseEndedError, PoolClosedError, sql } from 'offthread';
import { type AnyStage, on, onEach } from '../lanes/dialects.js';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import type { Notes } from '../lanes/stage.js';
import { add, idsOf } from './note.js';

/** Nothing of this thread goes on meanwhile. */
const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
/** The same, until another thread has done something, or will not do it any more. */
function blockUntil(isDone: () => boolean): void {
  for (let i = 0; i < 1_000 && !isDone(); i++) block(10);
}

onEach('leases: what ends one', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let other: Notes;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 1 });
    other = await stage.open({ threads: 1 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  /** The lane is as it was, and nothing is left of the lease. */
  async function expectNothingLeft(): Promise<void> {
    await pool.run('add', [100]);
    expect(await stage.ids()).to.deep.equal([100]);
    expect(pool.stats().lanes.map(({ role, state }) => [role, state])).to.deep.equal([['both', 'idle']]);
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  }

  it('idleTimeout: nothing was asked of it for so long', async () => {
    const lease = await pool.lease({ idleTimeout: 60 });
    await add(lease, 1);
    // Waits until the lane is there for it.
    await pool.run('one');
    const error = await rejection(add(lease, 2));
    expect(error).to.be.instanceOf(LeaseEndedError);
    expect(error).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'idle', outcome: 'not-committed' });
    expect(error.message).to.equal(
      'The lease has ended: nothing was asked of it for idleTimeout = 60 ms, so it was rolled back. Await nothing else while it is open, or raise idleTimeout.',
    );
    expect(await rejection(lease.commit())).to.include({ reason: 'idle' });
    await lease.rollback();
    await expectNothingLeft();
  });

  it('idleTimeout does not count while something is done', async () => {
    await using lease = await pool.lease({ idleTimeout: 100 });
    await lease.run('sleepAndAdd', [1, 300]);
    await lease.run('add', [2]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 2]);
  });

  for (const [limit, reason] of [
    ['idleTimeout', 'idle'],
    ['totalTimeout', 'total'],
  ] as const)
    it(`${limit} holds while the thread of its caller hangs`, async () => {
      const lease = await pool.lease({ [limit]: 400 });
      await add(lease, 1);
      const count = Gate.opened();
      const waits = other.run('addCounted', [1, count.buffer]);
      await turn();
      expect(await stage.ids()).to.deep.equal([]);
      blockUntil(() => count.count > 0);
      // While nobody was there to end it, the other one got its lock.
      expect(count.count).to.equal(1);
      await waits;
      expect(await rejection(idsOf(lease))).to.include({ reason });
      expect(await stage.ids()).to.deep.equal([1]);
    });

  it('totalTimeout stops a unit that goes on with statements while the thread of its caller hangs', async () => {
    const lease = await pool.lease({ totalTimeout: 400 });
    const [working, count] = [Gate.opened(), Gate.opened()];
    const work = rejection(lease.run('work', [1, working.buffer]));
    await working.reached();
    const waits = other.run('addCounted', [1, count.buffer]);
    await turn();
    blockUntil(() => count.count > 0);
    expect(count.count).to.equal(1);
    await waits;
    expect(await work).to.include({ reason: 'total' });
    expect(await stage.ids()).to.deep.equal([1]);
  });

  on(dialect, 'sqlite')('idleTimeout holds while nobody reads a large answer', async () => {
    const lease = await pool.lease({ idleTimeout: 400 });
    await add(lease, 1);
    const count = Gate.opened();
    const waits = other.run('addCounted', [1, count.buffer]);
    const many = sql`with recursive step(i) as (select 1 union all select i + 1 from step where i < 100000) select i from step`;
    const answer = lease.run(many);
    await turn();
    blockUntil(() => count.count > 0);
    expect(count.count).to.equal(1);
    await waits;
    expect(await answer).to.have.length(100_000);
    expect(await rejection(add(lease, 2))).to.include({ reason: 'idle' });
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('totalTimeout: it was held for so long, however busy', async () => {
    const lease = await pool.lease({ totalTimeout: 150 });
    let done = 0;
    const error = await rejection(
      (async () => {
        for (;;) {
          await lease.run('one');
          done++;
        }
      })(),
    );
    expect(done).to.be.greaterThan(0);
    expect(error).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'total' });
    expect(error.message).to.contain('it was held for totalTimeout = 150 ms, so it was rolled back');
    await expectNothingLeft();
  });

  it('totalTimeout stops a unit that goes on with statements', async () => {
    const lease = await pool.lease({ totalTimeout: 150 });
    expect(await rejection(lease.run('work', [1, Gate.opened().buffer]))).to.include({ reason: 'total' });
    expect(await rejection(lease.run('one'))).to.include({ reason: 'total' });
    await expectNothingLeft();
  });

  it('totalTimeout ends a unit in an endless loop, with its thread', async () => {
    const { lanesLost } = pool.stats();
    const lease = await pool.lease({ totalTimeout: 150 });
    expect(await rejection(lease.run('death.loopDrowsily', [1]))).to.include({ reason: 'total' });
    await expectNothingLeft();
    expect(pool.stats().lanesLost).to.equal(lanesLost + 1);
  });

  it('a signal, that is aborted while it is waited for', async () => {
    const first = await pool.lease();
    const caller = new AbortController();
    const told = rejection(pool.lease({ signal: caller.signal }));
    await first.run('one');
    caller.abort('not any more');
    expect(await told).to.equal('not any more');
    await first.rollback();
    expect(await rejection(pool.lease({ signal: caller.signal }))).to.equal('not any more');
    await expectNothingLeft();
  });

  it('a signal, that is aborted in the turn in which it is asked for', async () => {
    const caller = new AbortController();
    const told = rejection(pool.lease({ signal: caller.signal }));
    caller.abort('at once');
    expect(await told).to.equal('at once');
    await expectNothingLeft();
  });

  it('a signal, that is aborted while nothing is asked of it', async () => {
    const caller = new AbortController();
    const lease = await pool.lease({ signal: caller.signal });
    await add(lease, 1);
    const reason = new RangeError('gone');
    caller.abort(reason);
    expect(await rejection(add(lease, 2))).to.equal(reason);
    expect(await rejection(lease.commit())).to.equal(reason);
    await lease.rollback();
    await expectNothingLeft();
  });

  it('a signal, and the next one has its lane at once, also where the thread ends with the first', async () => {
    for (const [unit, args, times] of [
      ['one', [], 3],
      ['death.loop', [1], 1],
    ] as const)
      for (let i = 0; i < times; i++) {
        const caller = new AbortController();
        const lease = await pool.lease({ signal: caller.signal, queueTimeout: 10_000 });
        const call = rejection(lease.run(unit as 'one', args as []).then(() => Promise.reject('done')));
        if (unit === 'death.loop') await pause(50);
        caller.abort('mine');
        expect(['mine', 'done']).to.include(await call);
        expect(await pool.transaction((tx) => tx.run('one'), { queueTimeout: 10_000 })).to.equal(1);
      }
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('a signal, that is aborted while something is done: what is under way and what waits rejects with its reason', async () => {
    const caller = new AbortController();
    const lease = await pool.lease({ signal: caller.signal });
    const gate = Gate.opened();
    const calls = [
      lease.run('work', [1, gate.buffer]),
      add(lease, 2),
      lease.savepoint(() => 'inside'),
      lease.commit(),
    ].map((call) => rejection(call));
    await gate.reached();
    caller.abort('gone');
    expect(await Promise.all(calls)).to.deep.equal(['gone', 'gone', 'gone', 'gone']);
    await expectNothingLeft();
  });

  it('a signal that is aborted after its commit changes nothing, and has no listener any more', async () => {
    const caller = new AbortController();
    const lease = await pool.lease({ signal: caller.signal });
    await add(lease, 1);
    await lease.commit();
    caller.abort();
    expect(await stage.ids()).to.deep.equal([1]);
    expect(await pool.run('one')).to.equal(1);
  });

  it('a signal of one call stops that, and the lease goes on', async () => {
    const caller = new AbortController();
    await using lease = await pool.lease();
    const gate = Gate.opened();
    const told = rejection(lease.run('work', [1, gate.buffer], { signal: caller.signal }));
    await gate.reached();
    caller.abort('only this');
    expect(await told).to.equal('only this');
    await add(lease, 2);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([2]);
  });

  it('the end of its thread', async () => {
    const lease = await pool.lease();
    await add(lease, 1);
    const calls = [lease.run('death.exit', [2]), add(lease, 3)].map((call) => rejection(call));
    for (const error of await Promise.all(calls))
      expect(error).to.be.instanceOf(LaneLostError).and.to.include({ outcome: 'not-committed' });
    expect(await rejection(lease.run('one'))).to.be.instanceOf(LaneLostError);
    await lease.rollback();
    await expectNothingLeft();
  });

  it('pool.close waits for it, and lets it do what it has to', async () => {
    const own = await stage.open({ threads: 1, units: undefined });
    const lease = await own.lease();
    const closing = own.close();
    expect(await rejection(own.lease())).to.be.instanceOf(PoolClosedError);
    expect(await rejection(own.transaction(() => 1))).to.be.instanceOf(PoolClosedError);
    await add(lease, 1);
    await lease.commit();
    await closing;
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('pool.close with a timeout cuts it, and pool.destroy at once', async () => {
    for (const cut of ['close', 'destroy'] as const) {
      const own = await stage.open({ threads: 1, units: undefined });
      const lease = await own.lease();
      await add(lease, 1);
      const waits = rejection(own.lease());
      await (cut === 'close' ? own.close({ timeout: 50 }) : own.destroy());
      expect(await waits).to.be.instanceOf(PoolClosedError);
      expect(await rejection(add(lease, 2))).to.be.instanceOf(PoolClosedError);
      await lease.rollback();
      expect(await stage.ids()).to.deep.equal([]);
    }
  });

  on(dialect, 'sqlite')(
    'a call of the driver that does not return: its lane is out of service until it has',
    async () => {
      const { lanesRetired } = pool.stats();
      const lease = await pool.lease();
      await add(lease, 1);
      const calls = [lease.run('count', [3_000_000], { timeout: 50 }), idsOf(lease)].map((call) => rejection(call));
      const [hangs, waits] = await Promise.all(calls);
      expect(hangs).to.have.property('code', 'OFFTHREAD_TIMEOUT');
      for (const error of [waits, await rejection(lease.commit())])
        expect(error).to.be.instanceOf(LaneLostError).and.to.include({ what: 'the lease', outcome: 'not-committed' });
      expect(pool.stats().lanes.map(({ state }) => state)).to.deep.equal(['retired']);
      await expectNothingLeft();
      expect(pool.stats().lanesRetired).to.equal(lanesRetired + 1);
    },
  );

  on(dialect, 'sqlite')('a COMMIT that the database refuses', async () => {
    const lease = await pool.lease();
    await lease.run('hazard.orphan', [1]);
    const error = await rejection(lease.commit());
    expect(error).to.include({ kind: 'foreign-key', outcome: 'not-committed' });
    expect(await rejection(lease.run('one'))).to.include({ reason: 'lost' });
    await expectNothingLeft();
  });
});
