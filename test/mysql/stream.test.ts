import { expect } from 'chai';
import { sql } from 'offthread';
import { rejection } from '../lanes/rejection.js';
import { FaultStage, isServing, type Notes, until } from './fault-stage.js';
import { ENDLESS } from './sequence.js';

describe('a stream from a MySQL server', () => {
  let stage: FaultStage;
  let pool: Notes;
  /** 4 GB of rows. */
  const endless = sql<{ body: string }>`select repeat('x', 1000) as body from ${sql.raw(ENDLESS)}`;

  before(async () => {
    stage = await FaultStage.start();
    for (let id = 0; id < 4; id++) await stage.ask(`insert into note values (${id}, '${id}')`);
    pool = await stage.open();
  });
  beforeEach(() => until(() => isServing(pool)));
  after(() => stage.remove());

  /** Bytes that it has sent to all of its clients. */
  const sent = async (): Promise<number> => {
    const [row] = await stage.ask("show global status like 'Bytes_sent'");
    return Number(row?.Value);
  };
  const running = async (text: string): Promise<number> =>
    (await stage.ask(`select id from information_schema.processlist where info like '${text}%'`)).length;

  it('that is ended early is stopped there: the rest does not travel, and its lane lives on', async () => {
    const before = await sent();
    const connections = await stage.connections();
    for (let i = 0; i < 3; i++) {
      let rows = 0;
      for await (const _ of pool.stream(endless)) if (++rows === 5_000) break;
      await until(async () => (await running('select repeat')) === 0);
    }
    expect((await sent()) - before).to.be.below(100e6);
    expect(pool.stats()).to.include({ lanesLost: 0, running: 0 });
    // The one that stopped it is gone a moment after it has.
    await until(async () => (await stage.connections()).length <= connections.length);
    expect((await stage.connections()).sort()).to.deep.equal(connections.sort());
    expect(await pool.run('ids')).to.deep.equal([0, 1, 2, 3]);
  });

  it('is read no faster than it is taken', async () => {
    const stream = pool.stream(endless);
    await stream.next();
    const before = await sent();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await sent();
    await stream.return();
    // What fits into the buffers of both systems, of 4 GB: Linux lets those of a socket grow to some 40 MB.
    expect(after - before).to.be.below(100e6);
  });

  it('that has not answered yet is stopped there too', async () => {
    const stream = pool.stream(sql`select sleep(60) as slept from note`);
    const pending = stream.next();
    await until(async () => (await running('select sleep')) === 1);
    await stream.return();
    expect(await pending).to.deep.equal({ value: undefined, done: true });
    expect(await running('select sleep')).to.equal(0);
    expect(pool.stats()).to.include({ lanesLost: 0, running: 0 });
  });

  it('of a lease sees what the isolation of that lets it see', async () => {
    const count = sql<{ n: number }>`select count(*) as n from note where id >= 100`;
    const seen = async (isolation?: 'read committed') => {
      const lease = await pool.lease({ access: 'read', ...(isolation && { isolation }) });
      const counts: number[] = [];
      for await (const { n } of lease.stream(count)) counts.push(n);
      await stage.ask('insert into note select max(id) + 100, 1 from note');
      for await (const { n } of lease.stream(count)) counts.push(n);
      await lease.rollback();
      return counts;
    };
    expect(await seen()).to.deep.equal([0, 0]);
    expect(await seen('read committed')).to.deep.equal([1, 2]);
    await stage.ask('delete from note where id >= 100');
  });

  it('whose server is killed in the middle tells so behind the rows that have come', async () => {
    let rows = 0;
    const error = await rejection(
      (async () => {
        for await (const _ of pool.stream(endless)) {
          if (++rows === 1) await stage.server.signal('SIGKILL');
        }
      })(),
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'connection', outcome: 'not-committed', retryable: true });
    expect(rows).to.be.above(1);
    await stage.server.restart();
    await until(() => isServing(pool));
    expect(await pool.run('ids')).to.deep.equal([0, 1, 2, 3]);
  });

  it('on a connection that the server has closed unnoticed goes to another lane', async () => {
    const single = await stage.open({ threads: 1 });
    await single.run('ids');
    for (const id of await stage.connections()) await stage.ask(`kill ${id}`);
    let rows = 0;
    for await (const _ of single.stream(sql`select id from note`)) rows++;
    expect(rows).to.equal(4);
    await single.close();
  });
});
