import { expect } from 'chai';
import { type Runner, sql } from 'offthread';
import { rejection } from '../lanes/rejection.js';
import { FaultStage, type Notes } from '../mysql/fault-stage.js';
import type * as units from '../mysql/fault-units.js';

describe('leases: on a MySQL server', function () {
  this.timeout(60_000);
  let stage: FaultStage;
  let pool: Notes;
  before(async () => {
    stage = await FaultStage.start('--general-log=1', '--log-output=TABLE');
    pool = await stage.open({ threads: 1 });
  });
  beforeEach(() => stage.clear());
  after(() => stage.remove());

  const insert = (id: number) => sql`insert into note (id, body) values (${sql.lit(id)}, 'x')`;
  const connectionOf = async (runner: Runner<typeof units>): Promise<number> => {
    const [row] = await runner.run(sql<{ id: number }>`select connection_id() as id`);
    return Number(row?.id);
  };
  /** What the server was asked on a connection, prepared or not, names of savepoints shortened. */
  async function statementsOf(connection: number): Promise<string[]> {
    const rows = await stage.ask(
      `select convert(argument using utf8mb4) as said from mysql.general_log where thread_id = ${connection} and command_type in ('Query', 'Execute')`,
    );
    return rows.map(({ said }) => String(said).replace(/offthread_\w+?(_\d+)/, 's$1'));
  }

  it('says to it what is needed, and nothing else', async () => {
    const connection = await connectionOf(pool);
    await stage.ask('truncate table mysql.general_log');
    const lease = await pool.lease({ isolation: 'read committed' });
    await lease.run(insert(1));
    await lease.savepoint((within) => within.run(insert(2)));
    await lease.run([insert(3)]);
    await rejection(lease.savepoint(() => lease.run(insert(1))));
    await lease.commit();
    const empty = await pool.lease();
    await empty.commit();
    const reading = await pool.lease({ access: 'read' });
    await reading.run(sql`select 1`);
    await reading.commit();
    const undone = await pool.lease();
    await undone.run(insert(4));
    await undone.rollback();
    await pool.run(sql`select 2`);
    expect(await statementsOf(connection)).to.deep.equal([
      'set transaction isolation level read committed',
      'start transaction',
      "insert into note (id, body) values (1, 'x')",
      'savepoint s_1',
      "insert into note (id, body) values (2, 'x')",
      'release savepoint s_1',
      'savepoint s_1',
      "insert into note (id, body) values (3, 'x')",
      'release savepoint s_1',
      'savepoint s_1',
      "insert into note (id, body) values (1, 'x')",
      'rollback to savepoint s_1',
      'release savepoint s_1',
      'commit',
      'start transaction read only',
      'select 1',
      'rollback',
      'start transaction',
      "insert into note (id, body) values (4, 'x')",
      'rollback',
      'select 2',
    ]);
    expect(await stage.ids()).to.deep.equal([1, 2, 3]);
  });

  it('tells of a connection that was killed between two calls, and is served by another lane afterwards', async () => {
    const lease = await pool.lease();
    await lease.run(insert(1));
    await stage.ask(`kill ${await connectionOf(lease)}`);
    const error = await rejection(lease.run(insert(2)));
    expect(error).to.include({ kind: 'connection', outcome: 'not-committed' });
    expect(await rejection(lease.commit())).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'lost' });
    await lease.rollback();
    await pool.run(insert(3));
    expect(await stage.ids()).to.deep.equal([3]);
  });

  it('does not know what came of a COMMIT that was not answered', async () => {
    const lease = await pool.lease();
    await lease.run(insert(1));
    await stage.ask(`kill ${await connectionOf(lease)}`);
    expect(await rejection(lease.commit())).to.include({ outcome: 'unknown' });
    expect(await rejection(lease.run(insert(2)))).to.include({ reason: 'lost', outcome: 'unknown' });
    await pool.run(insert(3));
    expect(await stage.ids()).to.deep.equal([3]);
  });

  it('holds its total limit while the server is frozen, and the pool heals', async () => {
    const lease = await pool.lease({ totalTimeout: 1_500 });
    await lease.run(insert(1));
    await stage.server.signal('SIGSTOP');
    const told = rejection(lease.run(insert(2)));
    try {
      expect(await told).to.include({ code: 'OFFTHREAD_LEASE_ENDED', reason: 'total' });
    } finally {
      await stage.server.signal('SIGCONT');
    }
    await pool.run(insert(3));
    expect(await stage.ids()).to.deep.equal([3]);
  });

  it('leaves nothing of its session to the next one', async () => {
    const lease = await pool.lease();
    await lease.run(sql`set @mine = 7`);
    expect(await lease.run(sql`select @mine as mine`)).to.deep.equal([{ mine: 7 }]);
    await lease.commit();
    expect(await pool.run(sql`select @mine as mine`)).to.deep.equal([{ mine: null }]);
  });
});
