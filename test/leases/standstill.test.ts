import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { LeaseDeadlockError } from 'offthread';
import { type AnyStage, on, onEach } from '../lanes/dialects.js';
import { rejection } from '../lanes/rejection.js';
import type { Notes } from '../lanes/stage.js';
import { add, idsOf } from './note.js';

onEach('leases: a call that only leases of those who wait could let through', (newStage, dialect) => {
  let stage: AnyStage;
  let one: Notes;
  let two: Notes;
  before(async () => {
    stage = await newStage();
    one = await stage.open({ threads: 1 });
    two = await stage.open({ threads: 2 });
  });
  beforeEach(() => one.run('clear'));
  after(() => stage.remove());

  it("is refused in its own caller's transaction, and the error names both", async () => {
    const told = await one.transaction(async (tx) => {
      await add(tx, 1);
      return rejection(one.run('add', [2]));
    });
    expect(told).to.be.instanceOf(LeaseDeadlockError);
    expect(told).to.include({ code: 'OFFTHREAD_LEASE_DEADLOCK', what: "The unit 'add'", lease: 'the lease' });
    expect(told.taken).to.contain('standstill.test.js');
    expect(told.message).to.match(
      /^The unit 'add' would wait for ever: the lease of its own caller, taken at .*standstill\.test\.js:\d+:\d+\)?, has to end before there is a lane for it\. Run it on the lease, /,
    );
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('is refused however deep, and also where it is another lease', async () => {
    await one.transaction(async (tx) => {
      await tx.savepoint(async () => {
        await pause(1);
        for (const call of [
          () => one.run('ids'),
          () => idsOf(one),
          () => one.units.one(),
          () => one.lease(),
          () => one.transaction(() => 1),
          () => one.with({ timeout: 1_000 }).run('one'),
        ])
          expect(await rejection(call())).to.be.instanceOf(LeaseDeadlockError);
      });
    });
    expect(one.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('is refused behind a lease that was taken by hand, when that has rested for a while', async () => {
    const lease = await one.lease();
    await add(lease, 1);
    const error = await rejection<Error>(one.run('add', [2]));
    expect(error).to.be.instanceOf(LeaseDeadlockError);
    expect(error.message).to.match(
      /^The unit 'add' may wait for ever: the lease that its caller seems to have, taken at .*, has to end before there is a lane for it, and nothing was done in that for a second\. /,
    );
    await lease.commit();
    expect(await one.run('add', [3])).to.equal(3);
    expect(await stage.ids()).to.deep.equal([1, 3]);
  });

  it('waits where another lane serves it, and where its caller has ended his lease', async () => {
    await two.transaction(async (tx) => {
      await tx.run('one');
      expect(await two.run('ids')).to.deep.equal([]);
    });
    await one.transaction(async (tx) => {
      await tx.commit();
      expect(await one.run('add', [1])).to.equal(1);
    });
    const lease = await one.lease();
    await lease.rollback();
    expect(await one.run('add', [2])).to.equal(2);
  });

  it('waits for the leases of others, and for one that its function did not wait for', async () => {
    const job = async () => {
      await using lease = await one.lease();
      await add(lease, 1);
      for (let i = 0; i < 40; i++) {
        await pause(30);
        await lease.run('one');
      }
      await lease.commit();
    };
    // From here on nobody can tell whether this is the job, or goes on beside it.
    const done = job();
    await pause(50);
    expect(await one.run('ids')).to.deep.equal([1]);
    await done;
  });

  on(dialect, 'mysql')('is refused to the last of two that wait for each other, and the other goes on', async () => {
    const inside: (() => void)[] = [];
    const both = Promise.all([0, 1].map(() => new Promise<void>((resolve) => inside.push(resolve))));
    const hold = (own: number) =>
      two.transaction(async (tx) => {
        await tx.run('one');
        inside[own]?.();
        await both;
        return two.run('add', [own]);
      });
    const [first, second] = await Promise.allSettled([hold(1), hold(0)]);
    expect([first?.status, second?.status].sort()).to.deep.equal(['fulfilled', 'rejected']);
    const refused = first?.status === 'rejected' ? first : second;
    expect((refused as PromiseRejectedResult).reason).to.be.instanceOf(LeaseDeadlockError);
  });

  on(dialect, 'sqlite')('is refused when a reader has handed it on to the writer', async () => {
    await two.transaction(async (tx) => {
      await add(tx, 1);
      expect(await idsOf(two)).to.deep.equal([]);
      expect(await rejection(add(two, 2))).to.be.instanceOf(LeaseDeadlockError);
    });
    expect(await stage.ids()).to.deep.equal([1]);
  });
});
