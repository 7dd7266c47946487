import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { PoolClosedError, sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import type { Notes } from './stage.js';

onEach('lanes: close and destroy', (newStage) => {
  let stage: AnyStage;
  let pool: Notes;

  beforeEach(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 1 });
  });
  afterEach(() => stage.remove());

  const rows = () => stage.ids();

  it('close waits for what runs and what waits; all of it is answered, and committed', async () => {
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    const calls = [pool.run('add', [1]), pool.run('ids'), pool.run(sql`insert into note (id) values (2)`)];
    let isClosed = false;
    const closing = pool.close().then(() => (isClosed = true));
    await pause(30);
    expect(isClosed).to.equal(false);
    gate.open();
    await closing;
    const settled = await Promise.allSettled([held, ...calls]);
    expect(settled.map(({ status }) => status)).to.deep.equal(new Array(4).fill('fulfilled'));
    expect(await rows()).to.deep.equal([1, 2]);
  });

  it('nothing is taken after close or destroy, from the same turn on', async () => {
    const last = pool.run('add', [1]);
    const closing = pool.close();
    const late = {
      "the unit 'add'": () => pool.run('add', [2]),
      "the unit 'ids'": () => pool.units.ids(),
      'the query select 1': () => pool.run(sql`select 1`),
      'the list of 1 plans': () => pool.run([pool.plan('add', [2])]),
      "the unit 'one'": () => pool.with({ timeout: 5 }).run('one'),
    };
    for (const again of [false, true]) {
      for (const [what, call] of Object.entries(late)) {
        const error = await rejection(call());
        expect(error).to.be.instanceOf(PoolClosedError);
        expect(error).to.include({ code: 'OFFTHREAD_POOL_CLOSED', outcome: 'not-committed' });
        expect(error.message).to.equal(
          `The pool is closed, so ${what} was not run. Close it after the last call has settled.`,
        );
      }
      expect(await rejection(pool.ping())).to.be.instanceOf(PoolClosedError);
      if (!again) await closing;
    }
    expect(await last).to.equal(1);
    expect(await rows()).to.deep.equal([1]);
  });

  it('a second close is the first one', async () => {
    const first = pool.close();
    expect(pool.close()).to.equal(first);
    expect(pool.close({ timeout: 1 })).to.equal(first);
    await first;
    expect(pool.close()).to.equal(first);
    await pool.destroy();
    expect(pool.destroy()).to.equal(pool.destroy());
  });

  it('close({ timeout }) cuts what is not done by then', async () => {
    const gate = new Gate();
    const held = rejection(pool.run('hold', [gate.buffer]));
    await gate.reached();
    const waiting = [pool.run('add', [1]), pool.run('ids'), pool.run(sql`select 1`)].map((call) => rejection(call));
    await pool.close({ timeout: 50 });
    for (const told of [held, ...waiting]) expect(await told).to.be.instanceOf(PoolClosedError);
    expect(await rows()).to.deep.equal([]);
  });

  it('close with a timeout that no timer can hold waits all the same', async () => {
    const gate = new Gate();
    const held = pool.run('hold', [gate.buffer]);
    await gate.reached();
    for (const timeout of [0, -1, Number.NaN, '5'])
      expect(() => pool.close({ timeout: timeout as number })).to.throw(/^timeout must be /);
    const closing = pool.close({ timeout: 2 ** 31 });
    await pause(50);
    gate.open();
    await held;
    await closing;
  });

  it('destroy rejects what runs and what waits, and nothing of it is committed', async () => {
    const writing = Gate.opened();
    const told = [pool.run('work', [1, writing.buffer]), pool.run('add', [2])].map((call) => rejection(call));
    await writing.reached();
    told.push(rejection(pool.run('add', [3])), rejection(pool.run(sql`select 1`)));
    await pool.destroy();
    const errors = await Promise.all(told);
    for (const error of errors)
      expect(error).to.be.instanceOf(PoolClosedError).and.include({ outcome: 'not-committed' });
    expect(errors.map(({ message }) => /was (not run|stopped)/.exec(message)?.[1])).to.deep.equal([
      ...['stopped', 'not run', 'not run', 'not run'],
    ]);
    expect(await rows()).to.deep.equal([]);
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('destroy ends a unit in an endless loop', async () => {
    const told = rejection(pool.run('death.loop', [1]));
    await pool.ping({ queueTimeout: 20 }).catch(() => {});
    await pool.destroy();
    expect(await told).to.be.instanceOf(PoolClosedError);
    expect(await rows()).to.deep.equal([]);
  });

  it('close settles too when it is cut while something runs that cannot be undone', async () => {
    for (const cut of ['by its timeout', 'by destroy']) {
      const other = cut === 'by destroy' ? pool : await stage.open({ threads: 1 });
      const gate = new Gate();
      const bare = other.run('hold', [gate.buffer], { transaction: false });
      await gate.reached();
      const ends = cut === 'by destroy' ? [other.close(), other.destroy()] : [other.close({ timeout: 20 })];
      await pause(60);
      gate.open();
      await Promise.all(ends);
      // It could not be stopped, and was waited for.
      expect(await bare).to.equal(undefined);
    }
  });

  it('await using closes the pool', async () => {
    {
      await using used = pool;
      expect(await used.run('add', [1])).to.equal(1);
    }
    expect(await rejection(pool.run('one'))).to.be.instanceOf(PoolClosedError);
    expect(pool.stats().lanes).to.deep.equal([]);
  });

  it('close right after a lane was lost, before it is replaced', async () => {
    await rejection(pool.run('death.exit', [1]));
    const waiting = pool.run('add', [2]);
    await pool.close();
    expect(await waiting).to.equal(2);
    expect(await rows()).to.deep.equal([2]);
  });

  it('destroy right after a lane was lost, before it is replaced', async () => {
    await rejection(pool.run('death.exit', [1]));
    const waiting = rejection(pool.run('add', [2]));
    await pool.destroy();
    expect(await waiting).to.be.instanceOf(PoolClosedError);
    expect(await rows()).to.deep.equal([]);
  });
});
