import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { type AnyStage, on, onEach } from './dialects.js';
import { Gate } from './gate.js';
import type { Notes } from './stage.js';

onEach('lanes: a signal that is aborted while its call waits', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let caller: AbortController;
  const reason = { why: 'the caller has gone' };

  before(async () => {
    stage = await newStage();
    pool = await stage.open();
  });
  beforeEach(async () => {
    await pool.run('clear');
    caller = new AbortController();
  });
  after(() => stage.remove());

  /** Keeps the writer busy, and makes calls behind it that wait, each in a turn of its own. */
  async function behindOneThatHolds(calls: readonly (() => Promise<unknown>)[]) {
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    const promises: Promise<unknown>[] = [];
    for (const call of calls) {
      promises.push(Promise.allSettled([call()]).then(([settled]) => settled));
      await turn();
    }
    const settle = async () => {
      gate.open();
      await held;
      return Promise.all(promises);
    };
    return { promises, settle };
  }
  const append = (body: string, signal?: AbortSignal) => () => pool.run('append', [body], { signal });

  it('drops a call that waits in the queue; later ones go on in their order', async () => {
    const { promises, settle } = await behindOneThatHolds([
      append('a'),
      append('b'),
      append('gone', caller.signal),
      append('c'),
      append('d'),
    ]);
    expect(pool.stats()).to.include({ waiting: 4 });
    caller.abort(reason);
    expect(await promises[2]).to.deep.equal({ status: 'rejected', reason });
    expect(pool.stats()).to.include({ waiting: 3 });
    await settle();
    expect(await pool.run('bodies')).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('drops a call that waits with its lane; later ones go on in their order', async () => {
    const { promises, settle } = await behindOneThatHolds([append('gone', caller.signal), append('a'), append('b')]);
    caller.abort(reason);
    expect(await promises[0]).to.deep.equal({ status: 'rejected', reason });
    await settle();
    expect(await pool.run('bodies')).to.deep.equal(['a', 'b']);
  });

  on(dialect, 'sqlite')('drops every call that it was given with, in whatever state', async () => {
    const { signal } = caller;
    const { promises, settle } = await behindOneThatHolds([
      append('gone', signal),
      append('a'),
      () => pool.run('ids', [], { signal }),
      append('gone', signal),
      append('b'),
      append('gone', signal),
    ]);
    await promises[2];
    caller.abort(reason);
    caller.abort('a second time');
    const settled = (await settle()) as PromiseSettledResult<unknown>[];
    expect(settled.map(({ status }) => status === 'rejected')).to.deep.equal([true, false, false, true, false, true]);
    for (const each of settled) if (each.status === 'rejected') expect(each.reason).to.equal(reason);
    expect(await pool.run('bodies')).to.deep.equal(['a', 'b']);
  });

  it('drops those of a thousand calls that are not done, and the pool goes on', async () => {
    const calls = Array.from({ length: 1_000 }, (_, i) =>
      i % 2 === 0
        ? pool.run('add', [i + 1], { signal: caller.signal })
        : pool.run('has', [i], { signal: caller.signal }),
    );
    const settled = Promise.allSettled(calls);
    await turn();
    caller.abort(reason);
    const fulfilled = (await settled).flatMap(({ status }, i) =>
      status === 'fulfilled' && i % 2 === 0 ? [i + 1] : [],
    );
    expect(await pool.run('ids')).to.deep.equal(fulfilled);
    expect(pool.stats()).to.include({ waiting: 0, running: 0, lanesLost: 0, lanesRetired: 0 });
  });
});
