import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { LeaseEndedError, sql } from 'offthread';
import { type AnyStage, on, onEach } from '../lanes/dialects.js';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import type { Notes } from '../lanes/stage.js';
import { add, idsOf } from './note.js';

onEach('leases: a lane for one caller', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  /** With one lane for all. */
  let one: Notes;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2 });
    one = await stage.open({ threads: 1 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());
  const states = () => pool.stats().lanes.map(({ state }) => state);

  it('sees what it has done, and nobody else does before it is committed', async () => {
    const lease = await pool.lease();
    expect(await lease.run('add', [1])).to.equal(1);
    expect(await lease.units.add(2)).to.equal(2);
    expect(await lease.run([lease.plan('add', [3]), sql<{ id: number }>`select id from note`])).to.deep.equal([
      3,
      [{ id: 1 }, { id: 2 }, { id: 3 }],
    ]);
    expect(await lease.run('ids')).to.deep.equal([1, 2, 3]);
    expect(await pool.run('ids')).to.deep.equal([]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 2, 3]);
  });

  it('holds one lane until it ends, which is then as idle as before', async () => {
    const lease = await pool.lease();
    expect(states().filter((state) => state === 'held')).to.have.length(1);
    await lease.run('add', [1]);
    expect(states().filter((state) => state === 'held')).to.have.length(1);
    await lease.rollback();
    await pool.ping();
    expect(states()).to.deep.equal(['idle', 'idle']);
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
    expect(await stage.ids()).to.deep.equal([]);
  });

  it('does what was asked for at once in its order', async () => {
    await using lease = await pool.lease();
    const calls = [add(lease, 1), idsOf(lease), add(lease, 2), lease.run('remove', [1]), idsOf(lease)] as const;
    const [, first, , , last] = await Promise.all(calls);
    expect([first, last]).to.deep.equal([[1], [2]]);
  });

  it('rolls back with `await using`, unless it was committed', async () => {
    {
      await using lease = await pool.lease();
      await add(lease, 1);
    }
    expect(await stage.ids()).to.deep.equal([]);
    {
      await using lease = await pool.lease();
      await add(lease, 2);
      await lease.commit();
    }
    expect(await stage.ids()).to.deep.equal([2]);
    const error = await rejection(
      (async () => {
        await using lease = await pool.lease();
        await add(lease, 3);
        throw new RangeError('mine');
      })(),
    );
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'mine');
    expect(await stage.ids()).to.deep.equal([2]);
  });

  it('is over after commit and after rollback: whatever is asked of it then says so', async () => {
    for (const end of ['commit', 'rollback'] as const) {
      const lease = await pool.lease();
      await lease[end]();
      const reason = end === 'commit' ? 'committed' : 'rolled back';
      for (const call of [
        () => lease.run('one'),
        () => lease.units.one(),
        () => lease.with({ timeout: 1_000 }).run('one'),
        () => lease.savepoint(() => 1),
        () => lease.commit(),
      ]) {
        const error = await rejection(call());
        expect(error).to.be.instanceOf(LeaseEndedError).and.to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason });
      }
      await lease[Symbol.asyncDispose]();
    }
  });

  it('may be rolled back twice, and not after it was committed', async () => {
    const lease = await pool.lease();
    await Promise.all([lease.rollback(), lease.rollback()]);
    await lease.rollback();
    const other = await pool.lease();
    await other.commit();
    expect(await rejection(other.rollback())).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'committed' });
  });

  it('commits what was asked for before commit, and refuses what is asked for behind it', async () => {
    const lease = await pool.lease();
    const before = add(lease, 1);
    const commit = lease.commit();
    const behind = rejection(add(lease, 2));
    await Promise.all([before, commit]);
    expect(await behind).to.include({ reason: 'committed' });
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('goes on when a call fails, of which nothing stays', async () => {
    await using lease = await pool.lease();
    await add(lease, 1);
    const duplicate = sql`insert into note (id) values (2), (1)`;
    expect(await rejection(lease.run(duplicate))).to.include({ kind: 'unique' });
    expect(await rejection(lease.run([lease.plan('add', [3]), duplicate]))).to.include({ kind: 'unique' });
    expect(await rejection(lease.run('hazard.fail', [4]))).to.be.instanceOf(RangeError);
    expect(await rejection(lease.run(sql`select nothing from note`))).to.have.property('name', 'DatabaseError');
    expect(await rejection(lease.run('nope' as 'one'))).to.include({ code: 'OFFTHREAD_UNKNOWN_UNIT' });
    expect(await idsOf(lease)).to.deep.equal([1]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1]);
  });

  on(dialect, 'sqlite')('undoes a statement that would fail by halves', async () => {
    await using lease = await pool.lease();
    expect(await rejection(lease.run(sql`insert or fail into note (id) values (1), (1)`))).to.include({
      kind: 'unique',
    });
    expect(await idsOf(lease)).to.deep.equal([]);
  });

  on(dialect, 'sqlite')('ends where the database ends its transaction, and says with whose call', async () => {
    const lease = await pool.lease();
    await add(lease, 1);
    const error = await rejection(lease.run(sql`insert or rollback into note (id) values (1)`));
    expect(error).to.include({ kind: 'unique' });
    const end = await rejection(lease.run('one'));
    expect(end).to.be.instanceOf(LeaseEndedError).and.to.include({ reason: 'lost', outcome: 'not-committed' });
    expect(end.cause).to.have.property('message', error.message);
    expect(await rejection(lease.commit())).to.include({ reason: 'lost' });
    await lease.rollback();
    expect(await stage.ids()).to.deep.equal([]);
    expect(await pool.run('add', [9])).to.equal(9);
  });

  on(dialect, 'sqlite')(
    'ends with a unit that commits by itself, of which nobody can say that it is undone',
    async () => {
      const lease = await pool.lease();
      await add(lease, 1);
      expect(await rejection(lease.run('hazard.commitRaw', [2]))).to.include({
        code: 'OFFTHREAD_TRANSACTION_LOST',
        outcome: 'unknown',
      });
      expect(await rejection(lease.commit())).to.include({ reason: 'lost', outcome: 'unknown' });
      expect(await stage.ids()).to.deep.equal([1]);
      expect(await pool.run('add', [9])).to.equal(9);
    },
  );

  on(dialect, 'sqlite')('keeps what a unit did with the raw connection, and nothing of its settings', async () => {
    const lease = await pool.lease();
    await lease.run('hazard.useRaw', [1]);
    await lease.run('hazard.disarrange');
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1]);
    const look = await pool.run('hazard.look');
    expect(look).to.deep.equal(await one.run('hazard.look'));
  });

  it('for reading sees one snapshot, beside those who write, and writes nothing', async () => {
    await add(pool, 1);
    await using lease = await pool.lease({ access: 'read' });
    expect(await lease.run('ids')).to.deep.equal([1]);
    await add(pool, 2);
    expect(await lease.run('ids')).to.deep.equal([1]);
    expect(await idsOf(lease)).to.deep.equal([1]);
    for (const call of [
      () => add(lease, 3),
      () => lease.run('add', [4]),
      () => lease.run([lease.plan('ids'), sql`delete from note`]),
    ]) {
      const error = await rejection(call());
      expect(error).to.have.property('code', 'OFFTHREAD_READ_ONLY');
      expect(error.message).to.match(/may only read.* Take the lease with \{ access: 'write' \}\.$/s);
    }
    expect(await lease.run('ids')).to.deep.equal([1]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 2]);
    // The lane has forgotten that it was for reading.
    await Promise.all([5, 6, 7, 8].map((id) => pool.run('add', [id])));
    expect(await stage.ids()).to.deep.equal([1, 2, 5, 6, 7, 8]);
  });

  it('serves eight that want it one after the other, in the order in which they asked', async () => {
    const order: number[] = [];
    const each = async (id: number) => {
      await using lease = await one.lease();
      order.push(id);
      const before = await idsOf(lease);
      await turn();
      await add(lease, id);
      await lease.commit();
      return before;
    };
    const seen = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(each));
    expect(order).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen).to.deep.equal(seen.map((_, i) => [1, 2, 3, 4, 5, 6, 7, 8].slice(0, i)));
  });

  it('waits in its place among calls: what was asked for before it is done before, and behind it what came later', async () => {
    const calls = [one.run('append', ['a']), one.run('append', ['b'])];
    const taken = one.lease();
    calls.push(one.run('append', ['d']));
    const lease = await taken;
    expect(await lease.run('bodies')).to.deep.equal(['a', 'b']);
    await lease.run('append', ['c']);
    await lease.commit();
    await Promise.all(calls);
    expect(await one.run('bodies')).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('is waited for no longer than queueTimeout, and then not taken', async () => {
    const first = await one.lease();
    expect(await rejection(one.lease({ queueTimeout: 30 }))).to.include({
      code: 'OFFTHREAD_QUEUE_TIMEOUT',
      what: 'The lease',
    });
    await first.rollback();
    expect(await one.run('one')).to.equal(1);
    expect(one.stats().lanes.map(({ state }) => state)).to.deep.equal(['idle']);
  });

  it('gives a call its own timeout, behind which it goes on', async () => {
    await using lease = await pool.lease({ timeout: 60 });
    await add(lease, 1);
    const gate = Gate.opened();
    expect(await rejection(lease.run('work', [2, gate.buffer]))).to.include({ code: 'OFFTHREAD_TIMEOUT', timeout: 60 });
    expect(await lease.run('ids', [], { timeout: 5_000 })).to.deep.equal([1]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('gives back more than fits into one message', async () => {
    await using lease = await pool.lease();
    await add(lease, 1);
    for (let i = 0; i < 15; i++) await lease.run(sql`insert into note (id) select id + ${2 ** i} from note`);
    const ids = Array.from({ length: 2 ** 15 }, (_, i) => i + 1);
    expect(await idsOf(lease)).to.deep.equal(ids);
    expect(await lease.run('ids')).to.deep.equal(ids);
  });

  it('takes its options from the pool, and says what is wrong with those of its own', async () => {
    for (const [options, message] of [
      [{ idleTimeout: 0 }, 'idleTimeout must be more than 0 milliseconds, or Infinity for no limit, not 0.'],
      [{ totalTimeout: 'x' }, "totalTimeout must be a number of milliseconds, or Infinity, not 'x'."],
      [{ access: 'both' }, "access must be 'read' or 'write', not 'both'."],
      [{ retries: 1 }, "The lease options has no option 'retries'."],
      [{ idletimeout: 5 }, "The lease options has no option 'idletimeout'. Did you mean 'idleTimeout'?"],
      [{ transaction: false }, "The lease options has no option 'transaction'."],
    ] as const)
      expect((await rejection(pool.lease(options as object))).message).to.contain(message);
    await using lease = await pool.lease();
    for (const [options, message] of [
      [{ transaction: false }, 'transaction must be left out within a lease, which is one, not false.'],
      [{ isolation: 'serializable' }, 'isolation must be left out within a lease: pool.lease({ isolation }), not '],
      [{ idleTimeout: 5 }, "The call options has no option 'idleTimeout'."],
    ] as const)
      expect((await rejection(lease.run('one', [], options as object))).message).to.contain(message);
  });
});
