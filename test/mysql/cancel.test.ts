import { expect } from 'chai';
import type { Watch } from '../../lib/connection/connection.js';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { Connections, change, rowsOf, thrown } from './connections.js';
import { startProxy } from './proxy.js';
import { ENDLESS, sequence } from './sequence.js';
import { type OwnServer, startServer } from './server.js';

class GivenUp extends Error {}

/** A caller who gives up after so many milliseconds, counted from `from`; he is asked again and again until then. */
class Caller implements Watch {
  end = Number.POSITIVE_INFINITY;
  from(milliseconds: number): void {
    this.end = performance.now() + milliseconds;
  }
  stays(): void {
    this.end = Number.POSITIVE_INFINITY;
  }
  check = () => {
    if (performance.now() >= this.end) throw new GivenUp('given up');
  };
  enter = () => {};
  leave = () => {};
}

describe('a statement that nobody waits for any longer', function () {
  this.timeout(60_000);
  const SLEEP = 'select sleep(20)';
  let connections: Connections;
  let server: OwnServer | undefined;
  let caller: Caller;
  let db: MysqlConnection;
  let other: MysqlConnection;

  before(async () => {
    server = await startServer();
    connections = await Connections.make('cancel', server);
    other = connections.open();
    change(other, 'create table note (id int primary key, text varchar(20))');
    change(other, "insert into note values (1, 'as it was')");
  });
  beforeEach(() => {
    caller = new Caller();
    db = connections.open({ watch: caller });
  });
  after(async () => {
    connections.close();
    await server?.stop();
  });
  const isAsleep = () => {
    const sql = "select count(*) from information_schema.processlist where id = ? and info like 'select sleep%'";
    return (rowsOf(other, sql, db.server.connectionId) as [[number]])[0][0] > 0;
  };

  it('is stopped at the server, and the connection lives on', () => {
    const { connectionId } = db.server;
    caller.from(150);
    expect(thrown(() => rowsOf(db, SLEEP))).to.be.instanceOf(GivenUp);
    expect(isAsleep()).to.equal(false);
    caller.stays();
    expect(rowsOf(db, 'select connection_id()')).to.deep.equal([[connectionId]]);
  });

  it('is not begun where he gave up before', () => {
    caller.from(0);
    expect(thrown(() => change(db, 'delete from note'))).to.be.instanceOf(GivenUp);
    caller.stays();
    expect(rowsOf(db, 'select count(*) from note')).to.deep.equal([[1]]);
  });

  it('leaves its transaction to be rolled back', () => {
    db.begin('write');
    change(db, "update note set text = 'changed'");
    caller.from(150);
    expect(thrown(() => change(db, 'update note set text = sleep(20)'))).to.be.instanceOf(GivenUp);
    caller.stays();
    expect(db.inTransaction).to.equal(true);
    db.rollback();
    expect(rowsOf(db, 'select text from note')).to.deep.equal([['as it was']]);
  });

  it('waits for a lock no longer, and whoever has it goes on', () => {
    other.begin('write');
    change(other, "update note set text = 'of the other'");
    db.begin('write');
    caller.from(150);
    expect(thrown(() => change(db, "update note set text = 'late'"))).to.be.instanceOf(GivenUp);
    caller.stays();
    db.rollback();
    other.commit();
    expect(rowsOf(db, 'select text from note')).to.deep.equal([['of the other']]);
    change(other, "update note set text = 'as it was'");
  });

  it('is stopped also where its rows are on their way', () => {
    const many = `select seq, sleep(0.001) from ${sequence(100_000)}`;
    db.prepare(many);
    caller.from(100);
    expect(thrown(() => rowsOf(db, many))).to.be.instanceOf(GivenUp);
    caller.stays();
    expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
  });

  it('is stopped also where they come without a pause', () => {
    const endless = connections.open({ watch: caller, maxRows: Number.POSITIVE_INFINITY });
    const large = `select repeat('x', 20000) from ${ENDLESS}`;
    endless.prepare(large);
    caller.from(50);
    expect(thrown(() => rowsOf(endless, large))).to.be.instanceOf(GivenUp);
    caller.stays();
    expect(rowsOf(endless, 'select 1')).to.deep.equal([[1]]);
    const left = "select count(*) from information_schema.processlist where info like 'select repeat%'";
    expect(rowsOf(other, left)).to.deep.equal([[0]]);
  });

  for (const [where, cutting] of [
    ['takes none of it', undefined],
    ['takes it bit by bit', { every: 1_000, pause: 5 }],
  ] as const)
    it(`that is still being sent is given up where the server ${where}`, async () => {
      const proxy = cutting && (await startProxy({ port: connections.server.port, ...cutting }));
      const address = { host: '127.0.0.1', port: proxy?.port ?? connections.server.port };
      const sending = connections.open({ watch: caller, address });
      sending.prepare('insert into note values (9, ?)');
      if (proxy === undefined) await server?.signal('SIGSTOP');
      try {
        caller.from(150);
        const start = performance.now();
        const long = 'x'.repeat(15_000_000);
        expect(thrown(() => change(sending, 'insert into note values (9, ?)', long))).to.be.instanceOf(GivenUp);
        expect(performance.now() - start).to.be.below(5_000);
        expect(sending.isOpen).to.equal(false);
      } finally {
        if (proxy === undefined) await server?.signal('SIGCONT');
        await proxy?.stop();
      }
      caller.stays();
      expect(rowsOf(other, 'select count(*) from note where id = 9')).to.deep.equal([[0]]);
    });

  it('never has a later statement stopped in its place', () => {
    // Over just when he gives up: the server is told to stop what has ended already.
    for (let i = 0; i < 20; i++) {
      caller.from(100 + (i % 5));
      try {
        rowsOf(db, 'select sleep(0.1)');
      } catch (error) {
        expect(error).to.be.instanceOf(GivenUp);
      }
      caller.stays();
      expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
    }
  });

  it('costs the connection where the server does not even answer, and the reason is told all the same', async () => {
    await server?.signal('SIGSTOP');
    try {
      caller.from(150);
      const start = performance.now();
      expect(thrown(() => rowsOf(db, SLEEP))).to.be.instanceOf(GivenUp);
      expect(performance.now() - start).to.be.below(5_000);
      caller.stays();
      expect(db.isOpen).to.equal(false);
      expect(thrown(() => rowsOf(db, 'select 1'))).to.include({ kind: 'connection' });
    } finally {
      await server?.signal('SIGCONT');
    }
  });

  it('before its transaction was begun takes the connection with it, so that nothing runs outside of one', async () => {
    const update = db.prepare("update note set text = 'outside'");
    db.begin('write');
    await server?.signal('SIGSTOP');
    caller.from(150);
    expect(thrown(() => update.run([]))).to.be.instanceOf(GivenUp);
    expect(db.isOpen).to.equal(false);
    await server?.signal('SIGCONT');
    rowsOf(other, 'select sleep(0.1)');
    expect(rowsOf(other, 'select text from note')).to.deep.equal([['as it was']]);
  });

  it('of a batch is stopped alone', () => {
    const reads = [1, 2, 3].map((id) => ({ sql: 'select ?', parameters: [id] }));
    reads.splice(1, 0, { sql: SLEEP, parameters: [] });
    for (const { sql } of reads) db.prepare(sql);
    const begun: number[] = [];
    const results = db.readTogether(reads, (index) => {
      begun.push(index);
      if (index === 1) caller.from(150);
      else caller.stays();
    });
    expect(results.map((result) => (result instanceof Error ? result : result.rows))).to.deep.equal([
      [[1]],
      results[1],
      [[2]],
      [[3]],
    ]);
    expect(results[1]).to.be.instanceOf(GivenUp);
    expect(begun.slice(0, 4)).to.deep.equal([0, 1, 2, 3]);
    expect(rowsOf(db, 'select 4')).to.deep.equal([[4]]);
    expect(isAsleep()).to.equal(false);
  });
});
