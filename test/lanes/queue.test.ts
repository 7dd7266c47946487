import { getEventListeners } from 'node:events';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { QueueFullError, QueueTimeoutError, sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

onEach('lanes: the queue', (newStage) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ maxQueue: 3 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('rejects what waits in the queue or with its lane; the others go on in their order', async () => {
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    const hasty = { queueTimeout: 50 };
    const calls: Promise<unknown>[] = [];
    for (const call of [
      () => pool.run('append', ['with its lane'], hasty),
      () => pool.run('append', ['a']),
      () => pool.run('append', ['in the queue'], hasty),
      () => pool.run('append', ['b']),
    ]) {
      calls.push(call().catch((error) => error));
      await turn();
    }
    const errors = (await Promise.all([calls[0], calls[2]])) as (Error & { cause: unknown })[];
    for (const error of errors) {
      expect(error).to.be.instanceOf(QueueTimeoutError);
      expect(error).to.include({ code: 'OFFTHREAD_QUEUE_TIMEOUT', retryable: true, outcome: 'not-committed' });
      expect(error.message).to.match(
        /^The unit 'append' waited queueTimeout = 50 ms and was never begun \(\d waiting, \d on \d lanes?\)\. The lanes are busy, not down: look for slow work, or raise queueTimeout or threads\.$/,
      );
      expect(error.cause).to.equal(undefined);
    }
    gate.open();
    await Promise.all([held, ...calls]);
    expect(await pool.run('bodies')).to.deep.equal(['a', 'b']);
  });

  it('does not stop what has begun', async () => {
    expect(await pool.run('sleepAndAdd', [1, 150], { queueTimeout: 50 })).to.equal(undefined);
    expect(await pool.run('ids')).to.deep.equal([1]);
  });

  it('does not reject what is done already, although it is answered together with a long one', async () => {
    const gate = new Gate();
    const quick = pool.run('one', [], { queueTimeout: 50 });
    const held = pool.run('holdReading', [gate.buffer]);
    // Answered at once or later, but answered.
    await Promise.race([quick, pause(2_500)]).finally(() => gate.open());
    expect(await quick).to.equal(1);
    await held;
  });

  it('refuses what would be one too many, and takes calls again when there is room', async () => {
    const gate = new Gate();
    const calls: Promise<unknown>[] = [pool.run('hold', [gate.buffer])];
    await gate.reached();
    for (const id of [1, 2, 3, 4]) {
      calls.push(pool.run('add', [id]));
      await turn();
    }
    expect(pool.stats()).to.include({ waiting: 3, running: 2 });
    const { signal } = new AbortController();
    for (const call of [
      () => pool.run('add', [9], { signal }),
      () => pool.run('one', [], { signal }),
      () => pool.run(sql`select 1`, { signal }),
    ]) {
      const error = await rejection(call());
      expect(error).to.be.instanceOf(QueueFullError);
      expect(error).to.include({ code: 'OFFTHREAD_QUEUE_FULL', retryable: true, outcome: 'not-committed' });
      const lanes = pool.stats().lanes.length;
      expect(error).to.include({ maxQueue: 3, waiting: 3, running: 2, lanes });
      expect(error.message).to.equal(
        `The queue holds maxQueue = 3 calls (3 waiting, 2 on ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}), so this one was refused. Send less at once, or raise maxQueue.`,
      );
    }
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    gate.open();
    await Promise.all(calls);
    expect(await pool.run('ids')).to.deep.equal([1, 2, 3, 4]);
    await Promise.all([5, 6, 7].map((id) => pool.run('add', [id])));
  });

  it('counts those who gave up no longer', async () => {
    const gate = new Gate();
    const caller = new AbortController();
    const calls: Promise<unknown>[] = [pool.run('hold', [gate.buffer])];
    await gate.reached();
    calls.push(pool.run('add', [1]));
    await turn();
    const given = [2, 3, 4].map((id) => rejection(pool.run('add', [id], { signal: caller.signal })));
    caller.abort('gone');
    expect(await Promise.all(given)).to.deep.equal(['gone', 'gone', 'gone']);
    calls.push(...[5, 6, 7].map((id) => pool.run('add', [id])));
    gate.open();
    await Promise.all(calls);
    expect(await pool.run('ids')).to.deep.equal([1, 5, 6, 7]);
  });
});
