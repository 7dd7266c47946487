import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { rejection } from '../lanes/rejection.js';
import { FaultStage, isServing, type Notes, until } from './fault-stage.js';
import { replication } from './replication.js';
import { type OwnServer, startServer } from './server.js';

describe('replicas of a MySQL server', () => {
  const words = replication();
  let stage: FaultStage;
  let replica: OwnServer;
  let pool: Notes;

  const askReplica = async (text: string) => {
    const connection = await replica.connect();
    try {
      return (await connection.query(text))[0] as Record<string, unknown>[];
    } finally {
      connection.destroy();
    }
  };
  /** Until the replica has what the primary has. */
  const caughtUp = async () => {
    const [row] = await stage.ask(words.position);
    await askReplica(words.await(row?.position));
  };

  before(async () => {
    stage = await FaultStage.start('--server-id=1', '--log-bin=primary', '--report-host=primary', ...words.settings);
    replica = await startServer('--server-id=2', '--read-only=1', ...words.settings);
    for (const text of words.follow(stage.server)) await askReplica(text);
    await caughtUp();
    pool = await stage.open({ threads: 2, replicas: [replica.url('fault')] });
    await until(() => isServing(pool, 4));
  });
  beforeEach(async () => {
    await stage.clear();
    await caughtUp();
  });
  after(async () => {
    await replica.signal('SIGCONT');
    await stage.remove();
    await replica.stop();
  });

  const serverOf = async (unit: 'server' | 'serverReading') => pool.run(unit);

  it('serve reads and units that read; all else goes to the primary', async () => {
    expect(pool.stats().lanes.map(({ role }) => role)).to.deep.equal(['both', 'both', 'reader', 'reader']);
    expect(await serverOf('serverReading')).to.equal(2);
    expect(await serverOf('server')).to.equal(1);
    expect(await pool.run(sql`select @@server_id as id`)).to.deep.equal([{ id: 2 }]);
    expect(await pool.run(sql`insert into note values (1, '')`)).to.deep.equal({ changes: 1, insertId: undefined });
    expect(await pool.run(sql`select @@server_id as id from note for update`)).to.deep.equal([{ id: 1 }]);
    expect(await pool.run('add', [2])).to.equal(2);
    await caughtUp();
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
  });

  it('are behind: what has to see a write that was acknowledged is a unit that is not marked read', async () => {
    await askReplica(words.stopApplying);
    try {
      await pool.run('add', [1]);
      expect(await pool.run('ids')).to.deep.equal([]);
      expect(await pool.run('idsOfPrimary')).to.deep.equal([1]);
    } finally {
      await askReplica(words.startApplying);
    }
    await caughtUp();
    expect(await pool.run('ids')).to.deep.equal([1]);
  });

  it('that write nothing: a read that tries is refused', async () => {
    expect(await rejection(pool.run('writeReading', [1]))).to.include({ name: 'ReadOnlyError' });
  });

  it('that are gone are stood in for by the primary, until they are back', async () => {
    await replica.signal('SIGKILL');
    const calls = Array.from({ length: 20 }, () => serverOf('serverReading'));
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set([1]));
    expect(await pool.run(sql`select @@server_id as id`)).to.deep.equal([{ id: 1 }]);
    await replica.restart();
    await until(async () => (await serverOf('serverReading')) === 2);
    await until(() => isServing(pool, 4));
  });

  it('that are missing when the pool opens do not keep it from opening', async () => {
    const own = await stage.open({
      threads: 1,
      replicas: ['mysql://me:secret@127.0.0.1:1/fault', replica.url('fault')],
    });
    expect(await own.run('serverReading')).to.equal(2);
    expect(await own.run('add', [3])).to.equal(3);
    await pause(50);
    await own.close();
  });
});
