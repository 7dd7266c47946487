import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { failureOf } from '../pool/failure.js';
import { countSockets, FaultStage, isServing, type Notes, until } from './fault-stage.js';

describe('a MySQL server that freezes', () => {
  let stage: FaultStage;
  let pool: Notes;

  before(async () => {
    stage = await FaultStage.start();
    pool = await stage.open();
  });
  beforeEach(async () => {
    await stage.clear();
    await until(() => isServing(pool));
  });
  afterEach(() => stage.server.signal('SIGCONT'));
  after(() => stage.remove());

  it('while a connection is made: it is given up after connectTimeout, which is over the whole of it', async () => {
    await stage.server.signal('SIGSTOP');
    const error = await failureOf(stage.open({ threads: 1, mysql: { connectTimeout: 300 } }));
    expect(error).to.include({ name: 'DatabaseError', kind: 'connection', code: 'ETIMEDOUT' });
    expect(error.message).to.match(/connecting and logging in took longer than connectTimeout = 300 ms/);
    expect(error.message).to.not.include(stage.server.password);
  });

  it('in a query: its caller is told when its time is over, and the pool works on when the server does', async () => {
    await pool.run('ids');
    await stage.server.signal('SIGSTOP');
    const calls = [pool.run('ids', [], { timeout: 300 }), pool.run(sql`select 1 as one`, { timeout: 300 })];
    for (const error of await Promise.all(calls.map((call) => rejection(call))))
      expect(error).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    await stage.server.signal('SIGCONT');
    expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
  });

  it('in a unit that writes: nothing of it is committed when the server goes on', async () => {
    const gate = new Gate();
    const telling = rejection(pool.run('addTwo', [1, gate.buffer], { timeout: 500 }));
    await gate.reached();
    await stage.server.signal('SIGSTOP');
    gate.open();
    expect(await telling).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    await stage.server.signal('SIGCONT');
    expect(await pool.run('add', [3])).to.equal(3);
    // The row's lock is there until the server has noticed.
    await pool.run('add', [1]);
    expect(await stage.ids()).to.deep.equal([1, 3]);
  });

  it('in a statement by itself: nobody knows what has become of it, unless it was still being prepared', async () => {
    const own = await stage.open({ threads: 1 });
    const insert = (id: number) => sql`insert into note (body, id) values ('', ${id})`;
    const frozen = async (id: number) => {
      await stage.server.signal('SIGSTOP');
      const error = await rejection(own.run(insert(id), { timeout: 300 }));
      await stage.server.signal('SIGCONT');
      return error;
    };
    expect(await frozen(6)).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    await own.run(insert(7));
    expect(await stage.ids()).to.deep.equal([7]);
    expect(await frozen(8)).to.include({ outcome: 'unknown', retryable: false });
    expect(await own.run('add', [9])).to.equal(9);
    expect(await stage.ids())
      .to.include.members([7, 9])
      .and.not.include(6);
    await own.close();
  });

  it('at COMMIT: nobody knows; the lane is given up in time, and another serves', async () => {
    const gate = new Gate();
    const { lanesLost } = pool.stats();
    const telling = rejection(pool.run('addAndWait', [1, gate.buffer], { timeout: 1_000 }));
    await gate.reached();
    await stage.server.signal('SIGSTOP');
    gate.open();
    const error = await telling;
    expect(error).to.include({ name: 'TimeoutError', outcome: 'unknown', retryable: false });
    await until(() => pool.stats().lanesLost > lanesLost);
    await stage.server.signal('SIGCONT');
    expect(await pool.run('add', [3])).to.equal(3);
    expect(gate.count).to.equal(1);
  });

  it('a signal is heard within the grace, by all who wait', async () => {
    await stage.server.signal('SIGSTOP');
    const abortion = new AbortController();
    const calls = [1, 2, 3, 4].map((id) => rejection(pool.run('add', [id], { signal: abortion.signal })));
    await pause(100);
    abortion.abort(new Error('enough'));
    for (const error of await Promise.all(calls)) expect(error).to.have.property('message', 'enough');
  });

  it('for a moment only: nobody hears of it', async () => {
    await stage.server.signal('SIGSTOP');
    const calls = [pool.run('add', [1]), pool.run('ids'), pool.run(sql`select 1 as one`)];
    await pause(400);
    await stage.server.signal('SIGCONT');
    const [added, , one] = await Promise.all(calls);
    expect([added, one]).to.deep.equal([1, [{ one: 1 }]]);
  });

  it('and stays so: the pool closes all the same', async () => {
    const own = await stage.open();
    await own.run('ids');
    await stage.server.signal('SIGSTOP');
    const telling = rejection(own.run('add', [9]));
    await pause(50);
    await own.close({ timeout: 100 });
    expect(await telling).to.include({ name: 'PoolClosedError' });
  });

  it('and stays so while a statement is being stopped there: what was opened for that is closed with the pool', async () => {
    const own = await stage.open({ threads: 1 });
    await own.run('ids');
    const served = countSockets();
    await stage.server.signal('SIGSTOP');
    const telling = rejection(own.run('ids', [], { timeout: 100 }));
    // Its own, and that of KILL QUERY.
    await until(() => countSockets() === served + 1);
    await own.destroy();
    expect(await telling).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    await until(() => countSockets() === served - 1);
  });
});
