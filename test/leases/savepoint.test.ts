import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Lease } from 'offthread';
import { type AnyStage, onEach } from '../lanes/dialects.js';
import { rejection } from '../lanes/rejection.js';
import type { Notes } from '../lanes/stage.js';
import type * as units from '../lanes/units.js';
import { add, idsOf } from './note.js';

onEach('leases: a savepoint', (newStage) => {
  let stage: AnyStage;
  let pool: Notes;
  let lease: Lease<typeof units>;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 1 });
  });
  beforeEach(async () => {
    await pool.run('clear');
    lease = await pool.lease();
  });
  afterEach(() => lease[Symbol.asyncDispose]());
  after(() => stage.remove());

  it('keeps what its function did when that returns, and answers with its result', async () => {
    const result = await lease.savepoint(async (within) => {
      await add(within, 1);
      return within.run('ids');
    });
    expect(result).to.deep.equal([1]);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('undoes what its function did when that throws, and nothing else', async () => {
    await add(lease, 1);
    const error = new RangeError('mine');
    const told = rejection(
      lease.savepoint(async (within) => {
        await add(within, 2);
        throw error;
      }),
    );
    expect(await told).to.equal(error);
    await add(lease, 3);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 3]);
  });

  it('takes a function that is not asynchronous, and one that throws at once', async () => {
    expect(await lease.savepoint(() => 7)).to.equal(7);
    const told = rejection(
      lease.savepoint(() => {
        throw new RangeError('at once');
      }),
    );
    expect((await told).message).to.equal('at once');
    expect(await lease.run('one')).to.equal(1);
  });

  it('nests, and each undoes its own part', async () => {
    await lease.savepoint(async (outer) => {
      await add(outer, 1);
      const failed = outer.savepoint(async (inner) => {
        await add(inner, 2);
        await inner.savepoint((innermost) => add(innermost, 3));
        throw new Error('of the inner one');
      });
      expect((await rejection(failed)).message).to.equal('of the inner one');
      await outer.savepoint((inner) => add(inner, 4));
    });
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 4]);
  });

  it('has units and lists in it, which undo themselves where they fail', async () => {
    await lease.savepoint(async (within) => {
      await within.run('add', [1]);
      await rejection(within.run('hazard.fail', [2]));
      await rejection(within.run([within.plan('add', [3]), within.plan('add', [1])]));
      await rejection(add(within, 1));
      await within.run('add', [4]);
    });
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1, 4]);
  });

  it('waits until another one has ended, and so does what is asked of the lease beside it', async () => {
    const order: string[] = [];
    const failed = lease.savepoint(async (within) => {
      await add(within, 1);
      await pause(20);
      order.push('the first ends');
      throw new Error('on purpose');
    });
    const second = lease.savepoint(async (within) => {
      order.push('the second begins');
      expect(await idsOf(within)).to.deep.equal([]);
      await add(within, 2);
    });
    const beside = add(lease, 3).then(() => order.push('beside them'));
    await Promise.all([rejection(failed), second, beside]);
    expect(order).to.deep.equal(['the first ends', 'the second begins', 'beside them']);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([2, 3]);
  });

  it('knows its function also where that uses the lease itself', async () => {
    await rejection(
      lease.savepoint(async () => {
        await add(lease, 1);
        await lease.savepoint(() => add(lease, 2));
        await pause(1);
        await add(lease, 3);
        throw new Error('on purpose');
      }),
    );
    await add(lease, 4);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([4]);
  });

  it('contains what its function did not wait for', async () => {
    let unawaited: Promise<unknown> | undefined;
    await lease.savepoint((within) => {
      unawaited = within.savepoint(async (inner) => {
        await pause(10);
        await add(inner, 1);
      });
    });
    await unawaited;
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([1]);
  });

  it('is over when its function has ended, and cannot commit the lease', async () => {
    let kept = lease;
    await lease.savepoint(async (within) => {
      kept = within;
      expect((await rejection(within.commit())).message).to.contain('was called in a savepoint');
      expect((await rejection(lease.commit())).message).to.contain('was called in a savepoint');
    });
    expect((await rejection(add(kept, 1))).message).to.contain('was used after the savepoint had ended');
    expect((await rejection(kept.savepoint(() => 1))).message).to.contain('was used after the savepoint had ended');
    await add(lease, 2);
    await lease.commit();
    expect(await stage.ids()).to.deep.equal([2]);
  });

  it('ends with its lease, and tells so behind its function', async () => {
    const told = lease.savepoint(async (within) => {
      await add(within, 1);
      await lease.rollback();
    });
    expect(await rejection(told)).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'rolled back' });
    expect(await stage.ids()).to.deep.equal([]);
  });

  it('and what waits for its turn end with a lease that is rolled back meanwhile', async () => {
    let go!: () => void;
    const gone = new Promise<void>((resolve) => (go = resolve));
    const first = rejection(lease.savepoint(() => gone));
    const rest = [lease.savepoint(() => 1), add(lease, 1), lease.commit()].map((call) => rejection(call));
    await lease.rollback();
    for (const error of await Promise.all(rest)) expect(error).to.include({ reason: 'rolled back' });
    go();
    expect(await first).to.include({ reason: 'rolled back' });
    expect(await pool.run('one')).to.equal(1);
  });
});
