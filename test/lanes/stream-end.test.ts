import { getEventListeners } from 'node:events';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

/** So many rows that they cannot all be on their way. */
const ROWS = 3 * 2 ** 12;

onEach('lanes: a stream ends', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  /** Its lane is one that may be lost. */
  let mortal: Notes;
  let caller: AbortController;
  let reason: unknown;
  const notes = sql<{ id: number; body: string }>`select id, body from note order by id`;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 2 });
    mortal = await stage.open({ threads: 1 });
    await pool.run('clear');
    await pool.run(sql`insert into note (id, body) values (1, ${'x'.repeat(200)}), (2, 'two'), (3, 'three')`);
    for (let i = 0; i < 12; i++)
      await pool.run(sql`insert into note (id, body) select id + ${3 * 2 ** i}, body from note`);
  });
  beforeEach(() => {
    caller = new AbortController();
    reason = { why: 'the caller has gone' };
  });
  afterEach(async () => {
    expect(getEventListeners(caller.signal, 'abort')).to.deep.equal([]);
    await idle(pool);
  });
  after(() => stage.remove());

  /** Its lanes have nothing to do, and are those that it had. */
  const idle = async (pool: Notes) => {
    while (pool.stats().lanes.some(({ state }) => state !== 'idle')) await turn();
    expect(pool.stats()).to.include({ waiting: 0, running: 0, lanesLost: 0, lanesRetired: 0 });
    expect(await pool.run('one')).to.equal(1);
  };

  it('with the reason of its signal, before it has begun', async () => {
    caller.abort(reason);
    const { batches } = pool.stats();
    const stream = pool.stream(notes, { signal: caller.signal });
    expect(await rejection(stream.next())).to.equal(reason);
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
    expect(pool.stats()).to.include({ batches });
  });

  it('with the reason of its signal, without the rows that are here already', async () => {
    const stream = pool.stream(notes, { signal: caller.signal });
    for (let id = 1; id <= 20; id++) expect((await stream.next()).value).to.include({ id });
    caller.abort(reason);
    expect(await rejection(stream.next())).to.equal(reason);
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
  });

  it('with the reason of its signal, while a row is waited for', async () => {
    const gate = Gate.opened();
    const stream = pool.with({ signal: caller.signal }).stream('streams.working', [gate.buffer]);
    expect((await stream.next()).value).to.equal(1);
    const pending = rejection(stream.next());
    await gate.reached();
    caller.abort(reason);
    expect(await pending).to.equal(reason);
  });

  it('for nobody but itself: what has come to its end hears of no signal', async () => {
    const stream = pool.stream('streams.upTo', [2], { signal: caller.signal });
    for (const value of [1, 2, undefined]) expect(await stream.next()).to.have.property('value', value);
    caller.abort(reason);
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
  });

  it('at its timeout, which counts its consumer too, behind the rows that are here', async () => {
    const stream = pool.stream(notes, { timeout: 150 });
    expect((await stream.next()).value).to.include({ id: 1 });
    await pause(300);
    let last = 1;
    const error = await rejection(
      (async () => {
        for await (const { id } of stream) {
          expect(id).to.equal(last + 1);
          last = id;
        }
      })(),
    );
    expect(error).to.include({ name: 'TimeoutError', code: 'OFFTHREAD_TIMEOUT', timeout: 150 });
    expect(error.message).to.include('The stream of the query select id, body from note order by id ran longer than');
    expect(last).to.be.within(1, ROWS - 1);
  });

  it('never at the timeout of the pool, which is for calls', async () => {
    const brief = await stage.open({ threads: 1, units: undefined, timeout: 100 });
    const stream = brief.stream(notes);
    await stream.next();
    await pause(300);
    let rows = 1;
    for await (const _ of stream) rows++;
    expect(rows).to.equal(ROWS);
    const limited = brief.with({ timeout: 100 }).stream(notes);
    await limited.next();
    await pause(300);
    expect(
      await rejection(
        (async () => {
          for await (const _ of limited);
        })(),
      ),
    ).to.have.property('code', 'OFFTHREAD_TIMEOUT');
    await brief.close();
  });

  it('when nothing of it was taken for its idleTimeout, behind the rows that are here', async () => {
    const stream = pool.stream(notes, { idleTimeout: 100 });
    expect((await stream.next()).value).to.include({ id: 1 });
    await idle(pool);
    let last = 1;
    const error = await rejection(
      (async () => {
        for await (const { id } of stream) last = id;
      })(),
    );
    expect(error).to.include({ name: 'StreamIdleError', code: 'OFFTHREAD_STREAM_IDLE', idleTimeout: 100 });
    expect(error.message).to.equal(
      'The stream of the query select id, body from note order by id was ended, since nothing of it was taken for idleTimeout = 100 ms. Until its end a stream holds a lane and a snapshot: take it faster, end it with break, or raise idleTimeout.',
    );
    expect(last).to.be.within(17, ROWS - 1);
  });

  it('also when this thread does nothing any more, and runs the last blocks of its generator', async () => {
    const [begun, ended] = [Gate.opened(), Gate.opened()];
    const stream = pool.stream('streams.ending', [begun.buffer, ended.buffer], { idleTimeout: 100 });
    await stream.next();
    const end = performance.now() + 10_000;
    while (ended.count === 0 && performance.now() < end)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    expect(ended.count).to.equal(1);
    await idle(pool);
    await stream.return();
  });

  it('never by idling while its consumer is slow, but takes', async () => {
    const stream = pool.stream(notes, { idleTimeout: 1_000 });
    let rows = 0;
    for await (const _ of stream) if (++rows % 1_000 === 0) await pause(100);
    expect(rows).to.equal(ROWS);
  });

  it('by itself where all of it is here, however late it is taken', async () => {
    const stream = pool.stream('streams.upTo', [200], { idleTimeout: 50 });
    expect((await stream.next()).value).to.equal(1);
    await idle(pool);
    await pause(150);
    let last = 1;
    for await (const i of stream) last = i;
    expect(last).to.equal(200);
  });

  it('in the queue at its queueTimeout', async () => {
    const gate = new Gate();
    const one = await stage.open({ threads: 1 });
    const held = one.run('holdReading', [gate.buffer]);
    await gate.reached();
    const error = await rejection(one.stream(notes, { queueTimeout: 50 }).next());
    expect(error).to.include({ name: 'QueueTimeoutError', code: 'OFFTHREAD_QUEUE_TIMEOUT' });
    const left = one.stream(notes);
    const pending = left.next();
    await left.return();
    expect(await pending).to.deep.equal({ value: undefined, done: true });
    gate.open();
    await held;
    await idle(one);
    await one.close();
  });

  it('with its pool: close() waits for it, and destroy() cuts it', async () => {
    const first = await stage.open({ threads: 1, units: undefined });
    const stream = first.stream(notes);
    await stream.next();
    const closed = first.close();
    let rows = 1;
    for await (const _ of stream) rows++;
    expect(rows).to.equal(ROWS);
    await closed;
    expect(() => first.stream(notes)).to.throw('The pool is closed, so the stream of the query');

    const second = await stage.open({ threads: 1, units: undefined });
    const [begun, later] = [second.stream(notes), second.stream(notes)];
    await begun.next();
    await second.destroy();
    const error = await rejection(
      (async () => {
        for await (const _ of begun);
      })(),
    );
    expect(error).to.have.property('code', 'OFFTHREAD_POOL_CLOSED');
    expect(await rejection(later.next())).to.have.property('code', 'OFFTHREAD_POOL_CLOSED');
  });

  it('when its thread dies, behind the rows that it has sent; the pool has another', async () => {
    const { lanesLost } = mortal.stats();
    let last = 0;
    const error = await rejection(
      (async () => {
        for await (const i of mortal.stream('streams.exiting', [500])) last = i;
      })(),
    );
    expect(error).to.include({ name: 'LaneLostError', code: 'OFFTHREAD_LANE_LOST', outcome: 'not-committed' });
    // The last chunk was not full, and went with the thread.
    expect(last).to.be.within(17, 499);
    expect(await mortal.run('one')).to.equal(1);
    expect(mortal.stats().lanesLost).to.equal(lanesLost + 1);
  });

  it('when it is given up in a loop that asks nobody: its thread is ended', async () => {
    const { lanesLost } = mortal.stats();
    const gate = Gate.opened();
    const stream = mortal.stream('streams.looping', [gate.buffer]);
    await stream.next();
    await gate.reached();
    await stream.return();
    expect(await mortal.run('one')).to.equal(1);
    expect(mortal.stats().lanesLost).to.equal(lanesLost + 1);
  });

  it('and shows one state of the database, whatever is written meanwhile', async () => {
    const stream = pool.stream(notes);
    const first = (await stream.next()).value;
    await pool.run(sql`insert into note (id, body) values (${ROWS + 1}, 'new')`);
    await pool.run(sql`update note set body = 'changed' where id > 1`);
    let rows = 1;
    let changed = 0;
    for await (const { body } of stream) {
      rows++;
      if (body === 'changed') changed++;
    }
    expect([first?.id, rows, changed]).to.deep.equal([1, ROWS, 0]);
    expect(await pool.run(sql`select count(*) as n from note where body = 'changed'`)).to.deep.equal([{ n: ROWS }]);
    await pool.run('remove', [ROWS + 1]);
  });

  if (dialect === 'sqlite')
    it('and lets go of the WAL', async () => {
      const stream = pool.stream(notes, { idleTimeout: 100 });
      await stream.next();
      await pool.run(sql`update note set body = 'changed again'`);
      await idle(pool);
      // All of it could be written back, and nothing of it is read any more.
      expect(await pool.run(sql`pragma wal_checkpoint(truncate)`, { transaction: false })).to.deep.equal([
        { busy: 0, log: 0, checkpointed: 0 },
      ]);
    });
});
