import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Watch } from '../../lib/connection/connection.js';
import type { Opening } from '../../lib/connection/mysql/byte-stream.js';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { openSocket } from '../../lib/connection/mysql/socket.js';
import { Connections, change, rowsOf, thrown } from './connections.js';
import { countSockets } from './fault-stage.js';
import { type OwnServer, startServer } from './server.js';

/** Does something while a connection is blocked: the only moment at which anything of ours runs. */
class Meanwhile implements Watch {
  #act: (() => void) | undefined;
  #at = 0;
  after(milliseconds: number, act: () => void): void {
    this.#at = performance.now() + milliseconds;
    this.#act = act;
  }
  check = () => {
    const act = this.#act;
    if (act === undefined || performance.now() < this.#at) return;
    this.#act = undefined;
    act();
  };
  enter = () => {};
  leave = () => {};
}

describe('a MySQL connection that is lost', function () {
  this.timeout(120_000);
  let server: OwnServer;
  let connections: Connections;
  let meanwhile: Meanwhile;
  let db: MysqlConnection;
  let other: MysqlConnection;

  before(async () => {
    server = await startServer('--wait-timeout=28800', '--max-connections=10');
    connections = await Connections.make('lost', server);
    const first = connections.open();
    change(first, 'create table note (id int primary key, text varchar(20)) engine = innodb');
    change(first, "insert into note values (1, 'kept')");
    first.close();
  });
  beforeEach(() => {
    meanwhile = new Meanwhile();
    db = connections.open({ watch: meanwhile });
    other = connections.open();
  });
  afterEach(() => connections.close());
  after(() => server.stop());
  const killIt = () => change(other, `kill connection ${db.server.connectionId}`);

  it('while idle is noticed before it is used', () => {
    expect(db.isFit()).to.equal(true);
    rowsOf(db, 'select 1');
    expect(db.isFit()).to.equal(true);
    killIt();
    rowsOf(other, 'select sleep(0.05)');
    expect(db.isFit()).to.equal(false);
    expect(thrown(() => rowsOf(db, 'select 1'))).to.include({ kind: 'connection', retryable: true });
    expect(db.isOpen).to.equal(false);
    expect(db.isFit()).to.equal(false);
  });

  it('because it was idle for too long is noticed too', () => {
    change(db, 'set wait_timeout = 1');
    rowsOf(other, 'select sleep(1.5)');
    expect(db.isFit()).to.equal(false);
    expect(thrown(() => rowsOf(db, 'select 1'))).to.include({ kind: 'connection' });
  });

  it('is fit while a COMMIT is still to be answered', () => {
    db.begin('read');
    rowsOf(db, 'select 1');
    db.commit();
    expect(db.isFit()).to.equal(true);
    expect(rowsOf(db, 'select 2')).to.deep.equal([[2]]);
  });

  it('in a statement says so, and is closed for good', () => {
    const sockets = countSockets();
    meanwhile.after(50, killIt);
    const error = thrown(() => rowsOf(db, 'select sleep(20)'));
    expect(error).to.include({ kind: 'connection', retryable: true, outcome: 'not-committed' });
    expect(db.isOpen).to.equal(false);
    expect(db.inTransaction).to.equal(false);
    // A relay closes its own when it comes to it.
    if (db.streamKind === 'socket') expect(countSockets()).to.equal(sockets - 1);
  });

  it('in a transaction has committed nothing', () => {
    db.begin('write');
    change(db, "update note set text = 'lost'");
    killIt();
    const error = thrown(() => change(db, "update note set text = 'lost again'"));
    expect(error).to.include({ kind: 'connection', outcome: 'not-committed' });
    db.rollback();
    expect(rowsOf(other, 'select text from note')).to.deep.equal([['kept']]);
  });

  it('in a transaction, and noticed before anything could be sent, has committed nothing either', () => {
    let isBroken = false;
    const stream = (opening: Opening) => {
      const opened = openSocket(opening);
      const write = opened.write.bind(opened);
      opened.write = (...args) => {
        if (isBroken) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
        return write(...args);
      };
      return opened;
    };
    const own = connections.open({ stream });
    own.begin('write');
    change(own, "update note set text = 'lost'");
    isBroken = true;
    expect(thrown(() => rowsOf(own, 'select text from note'))).to.include({
      kind: 'connection',
      outcome: 'not-committed',
    });
    expect(own.inTransaction).to.equal(false);
    expect(thrown(() => own.commit())).to.include({ name: 'TransactionLostError', outcome: 'not-committed' });
    expect(rowsOf(other, 'select text from note')).to.deep.equal([['kept']]);
  });

  it('in a write of its own leaves open whether it was done', async () => {
    meanwhile.after(50, () => process.kill(server.pid, 'SIGKILL'));
    const error = thrown(() => change(db, 'insert into note select 9, sleep(20)'));
    await server.restart();
    expect(error).to.include({ kind: 'connection', outcome: 'unknown' });
  });

  it('with the server is that of its COMMIT, of which nobody knows', async () => {
    db.begin('write');
    change(db, "update note set text = 'perhaps'");
    await server.signal('SIGSTOP');
    meanwhile.after(50, () => process.kill(server.pid, 'SIGKILL'));
    const error = thrown(() => db.commit());
    await server.restart();
    expect(error).to.include({ kind: 'connection', outcome: 'unknown', retryable: false });
    expect(rowsOf(connections.open(), 'select text from note')).to.deep.equal([['kept']]);
  });

  it('shows no password, in no error and in nothing that is inspected', () => {
    const { password } = server;
    killIt();
    rowsOf(other, 'select sleep(0.05)');
    const shown = [
      thrown(() => rowsOf(db, 'select 1')),
      thrown(() => connections.open({ user: 'nobody' })),
      thrown(() => connections.open({ address: { host: '127.0.0.1', port: 1 } })),
      db,
      other,
    ];
    for (const each of shown)
      expect(inspect(each, { depth: 20, showHidden: true, getters: true })).not.to.include(password);
  });

  it('where the server has no place left was never there', () => {
    const more: MysqlConnection[] = [];
    const error = thrown(() => {
      for (let i = 0; i < 20; i++) more.push(connections.open());
    });
    expect(error).to.include({ kind: 'connection', code: 'ER_CON_COUNT_ERROR', errno: 1040, retryable: true });
    for (const each of more) each.close();
  });
});
