import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { FaultStage, isServing, type Notes, until } from './fault-stage.js';

describe('a MySQL server that is killed and started again', () => {
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
  after(() => stage.remove());

  it('while the pool is idle: the next calls wait for it, and nobody hears of it', async () => {
    await pool.run('add', [1]);
    await stage.server.signal('SIGKILL');
    const calls = [pool.run('add', [2]), pool.run('ids'), pool.run(sql`select 1 as one`)];
    await stage.server.restart();
    const [added, , one] = await Promise.all(calls);
    expect([added, one]).to.deep.equal([2, [{ one: 1 }]]);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
  });

  it('in the middle of a unit: its caller is told, nothing of it is there, and the pool works on', async () => {
    const gate = new Gate();
    const telling = rejection(pool.run('addTwo', [1, gate.buffer]));
    await gate.reached();
    await stage.server.signal('SIGKILL');
    gate.open();
    const error = await telling;
    expect(error).to.include({ name: 'DatabaseError', kind: 'connection', outcome: 'not-committed', retryable: true });
    await stage.server.restart();
    expect(await pool.run('add', [3])).to.equal(3);
    expect(await stage.ids()).to.deep.equal([3]);
  });

  it('in a statement of a unit, and in one by itself: only of this one nobody knows what has become', async () => {
    const calls = [pool.run('addAndSleep', [1, 10]), pool.run(sql`insert into note select 2, sleep(10)`)].map((call) =>
      rejection(call),
    );
    await until(async () => (await sleeping(stage)) === 2);
    await stage.server.signal('SIGKILL');
    const [unit, statement] = await Promise.all(calls);
    expect(unit).to.include({ kind: 'connection', outcome: 'not-committed', retryable: true });
    expect(statement).to.include({ kind: 'connection', outcome: 'unknown', retryable: false });
    await stage.server.restart();
    await pool.run('add', [3]);
    expect(await stage.ids()).to.deep.equal([3]);
  });

  it('in a read: it is told, and may be asked again', async () => {
    const telling = rejection(pool.run(sql`select sleep(10)`));
    await until(async () => (await sleeping(stage)) === 1);
    await stage.server.signal('SIGKILL');
    expect(await telling).to.include({ kind: 'connection', outcome: 'not-committed', retryable: true });
    await stage.server.restart();
    expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
  });

  it('at COMMIT: nobody knows, and it is not run again', async () => {
    const gate = new Gate();
    // It cannot answer before it is killed.
    const telling = rejection(pool.run('addAndWait', [1, gate.buffer]));
    await gate.reached();
    await stage.server.signal('SIGSTOP');
    gate.open();
    // Nothing is left to do but COMMIT.
    await pause(200);
    await stage.server.signal('SIGKILL');
    expect(await telling).to.include({ kind: 'connection', outcome: 'unknown', retryable: false });
    expect(gate.count).to.equal(1);
    await stage.server.restart();
    await pool.run('add', [3]);
    expect(await stage.ids()).to.include(3);
  });

  it('is tried again after pauses that grow, each shorter by chance, by one of its lanes for all', async () => {
    const { random } = Math;
    const { port } = stage.server;
    const attempts: number[] = [];
    let chances = 0;
    await stage.server.signal('SIGKILL');
    const inItsPlace = createServer((socket) => {
      attempts.push(performance.now());
      socket.destroy();
    });
    inItsPlace.listen(port, '127.0.0.1');
    Math.random = () => {
      chances++;
      return 0.5;
    };
    const call = pool.run('add', [5]);
    try {
      await until(() => attempts.length >= 6);
    } finally {
      Math.random = random;
      inItsPlace.close();
    }
    const pauses = attempts.slice(1, 6).map((at, i) => at - (attempts[i] as number));
    // A quarter less than 100, 200, 400 and 800 ms; at first both lanes find out.
    const [, , third = 0, fourth = 0, fifth = 0] = pauses;
    expect([third >= 140, fourth >= 290, fifth >= 590], String(pauses)).to.deep.equal([true, true, true]);
    expect(chances).to.be.within(4, 6);
    await stage.server.restart();
    expect(await call).to.equal(5);
  });

  it('again and again while rows are added: each that was acknowledged is there, each that failed is not', async () => {
    let next = 10;
    const acknowledged: number[] = [];
    const unknown: number[] = [];
    const failed: number[] = [];
    let isOver = false;
    const add = async () => {
      while (!isOver) {
        const id = next++;
        const call = id % 2 === 0 ? pool.run('add', [id]) : pool.run(sql`insert into note values (${id}, '')`);
        try {
          await call;
          acknowledged.push(id);
        } catch (error) {
          ((error as { outcome: string }).outcome === 'unknown' ? unknown : failed).push(id);
        }
      }
    };
    const adding = Array.from({ length: 6 }, add);
    try {
      for (let i = 0; i < 3; i++) {
        const before = acknowledged.length;
        await until(() => acknowledged.length > before + 20);
        await stage.server.signal('SIGKILL');
        await stage.server.restart();
      }
    } finally {
      isOver = true;
      await Promise.all(adding);
    }
    const ids = await stage.ids();
    expect(ids).to.include.members(acknowledged);
    expect(failed.filter((id) => ids.includes(id))).to.deep.equal([]);
    expect(ids.every((id) => acknowledged.includes(id as number) || unknown.includes(id as number))).to.equal(true);
  });
});

const sleeping = async (stage: FaultStage): Promise<number> => {
  const [row] = await stage.ask("select count(*) as n from information_schema.processlist where state = 'User sleep'");
  return Number(row?.n);
};
