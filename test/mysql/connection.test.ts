import { expect } from 'chai';
import type { Rows } from '../../lib/connection/connection.js';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { DatabaseError, TooManyRowsError, TransactionControlError, TransactionLostError } from '../../lib/errors.js';
import type { Isolation } from '../../lib/plan/isolation.js';
import { Connections, change, counted, rowsOf, thrown } from './connections.js';
import { sequence } from './sequence.js';

describe('a blocking MySQL connection', function () {
  this.timeout(60_000);
  let connections: Connections;
  let db: MysqlConnection;
  let other: MysqlConnection;

  before(async () => {
    connections = await Connections.make('blocking');
    db = connections.open();
    other = connections.open();
    change(
      db,
      'create table user (id int auto_increment primary key, name varchar(40) unique, age int check (age > 0))',
    );
    change(db, 'create table pet (id int primary key, user_id int not null references user (id))');
  });
  beforeEach(() => {
    change(db, 'delete from pet');
    change(db, 'delete from user');
  });
  afterEach(() => db.rollback());
  after(() => connections.close());

  describe('statements', () => {
    it('answer with arrays of values, and the names of the columns', () => {
      change(db, 'insert into user values (1, ?, ?)', 'Ada', 36);
      const statement = db.prepare('select name, age + 1 as next from user where id = ?');
      expect([statement.returnsRows, statement.isReadonly, statement.columns]).to.deep.equal([
        true,
        true,
        ['name', 'next'],
      ]);
      expect(statement.all([1])).to.deep.equal([['Ada', 37]]);
      expect(statement.all([2])).to.deep.equal([]);
    });

    it('that return no rows say what they changed, and the first key that the server made', () => {
      const insert = db.prepare('insert into user (name) values (?), (?)');
      expect([insert.returnsRows, insert.isReadonly]).to.deep.equal([false, false]);
      const { changes, insertId } = insert.run(['Ada', 'Grace']);
      expect(changes).to.equal(2);
      expect(rowsOf(db, 'select id - ?, name from user order by id', insertId)).to.deep.equal([
        [0, 'Ada'],
        [1, 'Grace'],
      ]);
      // Found, not only those that are different now: so a row that is gone can be told from one that stays as it is.
      for (const [name, changedRows] of [
        ['name', 0],
        ["'Ida'", 1],
      ] as const)
        expect(change(db, `update user set name = ${name} where name = 'Ada'`)).to.deep.equal({
          changes: 1,
          insertId: undefined,
          changedRows,
        });
      expect(change(db, 'update user set name = name where id < 0')).to.include({ changes: 0, changedRows: 0 });
      expect(change(db, 'delete from user where id < 0')).to.deep.equal({ changes: 0, insertId: undefined });
    });

    it('that are long are cut in the messages of errors, which keep them whole', () => {
      const sql = `/* a note */ select ${'1 + '.repeat(1_000)}nothing`;
      const error = thrown(() => db.prepare(sql).all([]));
      expect(error.message)
        .to.match(/… \(\d+ characters\)$/)
        .and.to.have.length.below(1_300);
      expect(error.sql).to.equal(sql);
      expect(() => db.prepare('/* a note */ commit'))
        .to.throw(TransactionControlError, 'commit')
        .and.not.match(/note/);
    });

    it('are prepared once, and see a schema that has changed since', () => {
      change(db, 'create table shape (a int)');
      const statement = db.prepare('select * from shape');
      change(db, 'insert into shape values (1)');
      expect(statement.all([])).to.deep.equal([[1]]);
      change(other, 'alter table shape add b varchar(5) default "x"');
      expect(statement.all([])).to.deep.equal([[1, 'x']]);
      expect(statement.columns).to.deep.equal(['a', 'b']);
      expect(db.prepare('select * from shape')).to.equal(statement);
      change(db, 'drop table shape');
    });

    it('are kept up to a bound, and prepared anew where they were closed', () => {
      const first = db.prepare('select 0 as first');
      for (let i = 0; i < 600; i++) db.prepare(`select ${i}`);
      expect(counted(db, 'Com_stmt_close', 'session')).to.be.at.least(100);
      expect(first.all([])).to.deep.equal([[0]]);
    });

    it('take the values that they have places for, and no others', () => {
      expect(thrown(() => db.prepare('select ?').all([]))).to.include({ kind: 'syntax' });
      expect(thrown(() => db.prepare('select ?').all([{}])).message).to.match(
        /^Parameter 1 of select \? takes a string/,
      );
      expect(thrown(() => db.prepare('select ?').all([Number.NaN]))).to.be.instanceOf(TypeError);
      expect(thrown(() => db.prepare('select ?').all([2n ** 64n]))).to.be.instanceOf(RangeError);
      expect(thrown(() => db.prepare('select ?').all(['\ud800'])).message).to.match(/half of a surrogate pair/);
      expect(rowsOf(db, 'select ?', 7)).to.deep.equal([[7]]);
    });

    it('bind values as what they are', () => {
      const values = [7, 2n ** 63n, -(2n ** 40n), 0.5, true, 'seven', Buffer.from('seven'), null];
      const columns = values.map((_, i) => `? as v${i}`).join(', ');
      change(db, `create table bound as select ${columns}`, ...values);
      const types = rowsOf(
        db,
        `select data_type from information_schema.columns where table_schema = database() and table_name = 'bound'
          order by ordinal_position`,
      );
      expect(types.flat()).to.deep.equal(
        db.system === 'mariadb'
          ? ['bigint', 'bigint', 'bigint', 'double', 'tinyint', 'varchar', 'tinyblob', 'binary']
          : ['bigint', 'bigint', 'bigint', 'double', 'bigint', 'text', 'blob', 'text'],
      );
      change(db, 'drop table bound');
    });

    it('take each value as what it is, whatever was in its place before', () => {
      const values = [null, 7, 'text', 2n ** 64n - 1n, 0.5, '', -(2n ** 63n), true, Buffer.from('bytes'), null, 8, 'x'];
      const seen = [null, 7, 'text', 2n ** 64n - 1n, 0.5, '', -(2n ** 63n), 1, 'bytes', null, 8, 'x'];
      for (const text of ['select ?', 'select if(1, ?, null)']) {
        const found = values.map((value) => rowsOf(db, text, value)[0]?.[0]);
        expect(found.map((value) => (Buffer.isBuffer(value) ? value.toString() : value))).to.deep.equal(seen);
      }
      const together = db.readTogether(values.map((value) => ({ sql: 'select 1, ?', parameters: [value] })));
      const read = together.map((result) => (result as Rows).rows[0]?.[1]);
      expect(read.map((value) => (Buffer.isBuffer(value) ? value.toString() : value))).to.deep.equal(seen);
    });

    it('are prepared for each kind of values once, and at most eight at a time', () => {
      const text = 'select ?, ?, 0';
      const own = connections.open();
      // MySQL prepares it again by itself where an int becomes a double.
      const prepared = () =>
        counted(own, 'Com_stmt_prepare', 'session') - counted(own, 'Com_stmt_reprepare', 'session');
      const open = () => prepared() - counted(own, 'Com_stmt_close', 'session');
      open();
      const before = open();
      for (const values of [
        [1, 1],
        ['a', 1],
      ])
        rowsOf(own, text, ...values);
      const once = prepared();
      for (const values of [
        [1, 2],
        ['b', null],
        [null, 3],
        ['c', 4],
        [0.5, 5],
      ])
        rowsOf(own, text, ...values);
      expect(prepared()).to.equal(once);
      const kinds = [1, 'a', 2n ** 60n];
      for (const first of kinds)
        for (const second of kinds) expect(rowsOf(own, text, first, second)).to.deep.equal([[first, second, 0]]);
      expect(open() - before).to.be.within(1, 8);
    });

    it('are one in a text, in whatever way it is sent', () => {
      const two = '; drop table user';
      expect(thrown(() => rowsOf(db, `select 1${two}`))).to.include({ kind: 'syntax', code: 'ER_PARSE_ERROR' });
      const raw = db.lend() as MysqlConnection['raw'];
      // Neither is prepared.
      for (const text of ["prepare mine from 'select 1'", 'begin'])
        expect(thrown(() => raw.query(`${text}${two}`))).to.include({ code: 'ER_PARSE_ERROR' });
      db.clean();
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[0]]);
    });

    it('send no file of this machine', () => {
      change(db, 'set global local_infile = 1');
      const error = thrown(() => change(db, `load data local infile '${import.meta.filename}' into table user (name)`));
      expect(error).to.be.instanceOf(DatabaseError);
      // Of MariaDB, of MySQL 8, and of those before.
      expect(error.errno).to.be.oneOf([4166, 3948, 1148]);
      db.clean();
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[0]]);
    });

    it('that the server does not prepare are sent as text', () => {
      expect(db.raw.query('prepare kept from "select 1"')[0]).to.include({ affectedRows: 0 });
      expect(db.raw.query('execute kept')[0]).to.deep.equal([{ 1: 1 }]);
      db.lend();
      db.clean();
    });

    it('of a procedure answer with its first rows', () => {
      change(db, 'create procedure two() begin select 1 as a; select 2 as b; end');
      expect(rowsOf(db, 'call two()')).to.deep.equal([[1]]);
      expect(rowsOf(db, 'select 3')).to.deep.equal([[3]]);
    });

    it('of a procedure answer with rows or with what it changed, each time with what it did', () => {
      const body = 'if found then select 1 as a; else update user set age = 9 where id = 0; end if';
      change(db, `create procedure either(in found int) begin ${body}; end`);
      const either = db.prepare('call either(?)');
      const changed = { changes: 0, insertId: undefined };
      expect([1, 0, 1, 0].map((found) => either.execute([found]))).to.deep.equal([[[1]], changed, [[1]], changed]);
      expect(either.columns).to.deep.equal(['a']);
    });
  });

  describe('errors', () => {
    const kinds: readonly (readonly [kind: string, code: string, sql: string])[] = [
      ['unique', 'ER_DUP_ENTRY', "insert into user (name) values ('a'), ('a')"],
      ['foreign-key', 'ER_NO_REFERENCED_ROW_2', 'insert into pet values (1, 99)'],
      ['not-null', 'ER_BAD_NULL_ERROR', 'insert into pet values (1, null)'],
      ['not-null', 'ER_NO_DEFAULT_FOR_FIELD', 'insert into pet (id) values (1)'],
      ['check', 'ER_CONSTRAINT_FAILED', 'insert into user (age) values (-1)'],
      ['check', 'ER_DATA_TOO_LONG', "insert into user (name) values (repeat('x', 41))"],
      ['syntax', 'ER_PARSE_ERROR', 'selec 1'],
      ['syntax', 'ER_NO_SUCH_TABLE', 'select * from nowhere'],
      ['syntax', 'ER_BAD_FIELD_ERROR', 'select nothing from user'],
      ['syntax', 'ER_EMPTY_QUERY', ''],
    ];
    const CODES_OF_MYSQL: Readonly<Record<string, string>> = { ER_CONSTRAINT_FAILED: 'ER_CHECK_CONSTRAINT_VIOLATED' };
    for (const [kind, code, sql] of kinds) {
      it(`${code} is of kind '${kind}', with the statement and never its values`, () => {
        const error = thrown(() => change(db, sql));
        expect(error).to.be.instanceOf(DatabaseError);
        const told = db.system === 'mysql' ? (CODES_OF_MYSQL[code] ?? code) : code;
        expect(error).to.include({ kind, code: told, sql, retryable: false });
        expect(error.errno).to.be.a('number');
        expect(error.sqlState).to.match(/^\w{5}$/);
      });
    }

    it('of a deadlock and of a lock that was waited for in vain may be tried again', () => {
      change(db, 'insert into user (id) values (1), (2)');
      change(other, 'set innodb_lock_wait_timeout = 1');
      db.begin('write');
      other.begin('write');
      change(db, 'update user set age = 1 where id = 1');
      change(other, 'update user set age = 1 where id = 2');
      expect(thrown(() => change(other, 'update user set age = 2 where id = 1'))).to.include({
        kind: 'lock-timeout',
        code: 'ER_LOCK_WAIT_TIMEOUT',
        retryable: true,
      });
      expect(other.inTransaction).to.equal(true);
      db.rollback();
      other.rollback();
    });
  });

  describe('a transaction', () => {
    it('is begun with its first statement, and costs nothing where none came', () => {
      const begun = () => counted(other, 'Com_begin', 'global');
      const before = begun();
      db.begin('write');
      expect(db.inTransaction).to.equal(true);
      db.commit();
      expect(begun()).to.equal(before);
      db.begin('read');
      rowsOf(db, 'select 1');
      expect(begun()).to.equal(before + 1);
      db.commit();
    });

    it('commits, rolls back, and undoes to savepoints, one within the other', () => {
      db.begin('write');
      change(db, "insert into user (name) values ('kept')");
      db.savepoint();
      change(db, "insert into user (name) values ('kept too')");
      db.savepoint();
      change(db, "insert into user (name) values ('undone')");
      db.rollbackToSavepoint();
      db.release();
      expect(rowsOf(other, 'select count(*) from user')).to.deep.equal([[0]]);
      db.commit();
      expect(rowsOf(other, 'select name from user order by id')).to.deep.equal([['kept'], ['kept too']]);
      db.begin('write');
      change(db, 'delete from user');
      db.rollback();
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[2]]);
    });

    it('for reading sees one moment, and refuses to write', () => {
      db.begin('read');
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[0]]);
      change(other, "insert into user (name) values ('later')");
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[0]]);
      expect(thrown(() => change(db, 'delete from user'))).to.include({ kind: 'read-only' });
      db.commit();
      expect(rowsOf(db, 'select count(*) from user')).to.deep.equal([[1]]);
    });

    it('has the isolation level that was asked for, alone', () => {
      const sees = (...isolation: ['read committed'?]) => {
        db.begin('read', ...isolation);
        const before = rowsOf(db, 'select count(*) from user');
        change(other, 'insert into user (age) values (1)');
        const after = rowsOf(db, 'select count(*) from user');
        db.commit();
        return (after as [[number]])[0][0] - (before as [[number]])[0][0];
      };
      expect([sees('read committed'), sees(), sees('read committed')]).to.deep.equal([1, 0, 1]);
    });

    it('that a deadlock ended lets nothing follow, and may be tried again as a whole', async () => {
      change(db, 'insert into user (id, age) values (1, 1), (2, 1), (3, 1), (4, 1)');
      const rival = await connections.server.connect(connections.database);
      await rival.query('start transaction');
      // Of two in each other's way the one goes that has done less.
      await rival.query('update user set age = 2 where id > 1');
      db.begin('write');
      change(db, 'update user set age = 3 where id = 1');
      const waiting = rival.query('update user set age = 2 where id = 1');
      rowsOf(other, 'select sleep(0.1)');
      const error = thrown(() => change(db, 'update user set age = 3 where id = 2'));
      expect(error).to.include({
        kind: 'deadlock',
        code: 'ER_LOCK_DEADLOCK',
        errno: 1213,
        sqlState: '40001',
        retryable: true,
      });
      expect(db.inTransaction).to.equal(false);
      expect(thrown(() => change(db, 'update user set age = 4'))).to.be.instanceOf(TransactionLostError);
      expect(thrown(() => db.rollbackToSavepoint())).to.be.instanceOf(TransactionLostError);
      expect(thrown(() => db.commit())).to.include({ outcome: 'not-committed' });
      db.rollback();
      await waiting;
      await rival.query('rollback');
      await rival.end();
      expect(rowsOf(db, 'select sum(age) from user')).to.deep.equal([['4']]);
    });

    it('that could only read says nothing of the next one, also where its end was left to that', () => {
      const update = 'update user set age = 5';
      const levelNow = () => {
        // The server looks at its transactions ten times a second.
        rowsOf(db, 'select id, sleep(0.15) from user union select 0, sleep(0.15)');
        const [row] = rowsOf(
          db,
          'select trx_isolation_level from information_schema.innodb_trx where trx_mysql_thread_id = connection_id()',
        );
        return row?.[0];
      };
      change(db, update);
      const readAt = (isolation?: Isolation) => {
        db.begin('read', isolation);
        const told = levelNow();
        db.endReading();
        return told;
      };
      expect([readAt('serializable'), readAt(), readAt('read committed')]).to.deep.equal([
        'SERIALIZABLE',
        'REPEATABLE READ',
        'READ COMMITTED',
      ]);
      db.begin('write');
      change(db, update);
      expect(levelNow()).to.equal('REPEATABLE READ');
      db.commit();
    });

    it('is begun behind a ROLLBACK where one of another kind was left, which MySQL would not forget', () => {
      const rolledBack = () => counted(db, 'Com_rollback', 'session');
      const read = (isolation?: Isolation) => {
        db.begin('read', isolation);
        rowsOf(db, 'select * from user');
        db.endReading();
      };
      const during = (work: () => void) => {
        read();
        const before = rolledBack();
        read();
        work();
        return rolledBack() - before;
      };
      // Who counts is in no transaction, and ends the one that was left.
      expect(during(() => read())).to.equal(1);
      const write = () => {
        db.begin('write');
        change(db, 'update user set age = 5');
        db.commit();
      };
      expect(during(write)).to.equal(1);
      expect(during(() => [read('serializable'), read()])).to.equal(3);
    });

    it('that the server ended lets nothing follow', () => {
      change(db, 'insert into user (id, age) values (1, 1), (2, 1)');
      db.begin('write');
      change(db, 'update user set age = 2 where id = 1');
      const raw = db.lend() as MysqlConnection['raw'];
      raw.query('commit');
      expect(db.inTransaction).to.equal(false);
      const error = thrown(() => change(db, 'update user set age = 3'));
      expect(error).to.be.instanceOf(TransactionLostError);
      expect(error.outcome).to.equal('unknown');
      db.clean();
      expect(rowsOf(db, 'select age from user order by id')).to.deep.equal([[2], [1]]);
    });

    it('is ended by DDL, as always on MySQL, and what follows is in another', () => {
      db.begin('write');
      change(db, "insert into user (name) values ('before')");
      change(db, 'create table made (id int)');
      expect(db.mayHaveCommitted).to.equal(true);
      change(db, "insert into user (name) values ('after')");
      db.rollback();
      expect(rowsOf(db, 'select name from user')).to.deep.equal([['before']]);
      change(db, 'drop table made');
    });

    it('is not begun or ended by a statement', () => {
      for (const sql of [
        'begin',
        ' /* x */ start transaction',
        'commit',
        'rollback',
        'savepoint a',
        '# x\nlock tables user read',
        'set autocommit = 0',
        'xa start "a"',
      ])
        expect(
          thrown(() => db.prepare(sql)),
          sql,
        ).to.be.instanceOf(TransactionControlError);
    });

    it('is not needed to be refused: a connection that only reads runs no other statement', () => {
      db.restrict('read');
      expect(thrown(() => change(db, 'delete from user'))).to.include({ kind: 'read-only' });
      expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
      db.restrict('write');
      change(db, 'delete from user');
    });
  });

  describe('rows one at a time', () => {
    const MANY = `select seq from ${sequence(3_000_000)}`;

    it('come while they are asked for, also beside other statements', () => {
      let sum = 0;
      for (const [seq] of db.prepare(`select seq from ${sequence(1_000)}`).iterate([]) as Iterable<[number]>) {
        sum += seq;
        if (seq % 100 === 0) sum -= (rowsOf(db, 'select ?', seq) as [[number]])[0][0];
      }
      expect(sum).to.equal(500_500 - 5_500);
    });

    it('are stopped at the server where nobody wants the rest', () => {
      const before = other.server.connectionId;
      for (const [seq] of db.prepare(MANY).iterate([])) if (seq === 5) break;
      expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
      expect(db.isOpen).to.equal(true);
      expect(other.server.connectionId).to.equal(before);
    });

    it('are closed before COMMIT', () => {
      db.begin('write');
      // The rest has to come before anything else does.
      const rows = db.prepare(`select seq from ${sequence(300_000)}`).iterate([]);
      expect(rows.next().value).to.deep.equal([1]);
      change(db, "insert into user (name) values ('beside')");
      db.commit();
      expect(rows.next().done).to.equal(true);
      expect(rowsOf(other, 'select name from user')).to.deep.equal([['beside']]);
    });

    it('and all at once no more than maxRows', () => {
      const small = connections.open({ maxRows: 10 });
      expect(rowsOf(small, `select seq from ${sequence(10)}`)).to.have.length(10);
      expect(thrown(() => rowsOf(small, MANY))).to.be.instanceOf(TooManyRowsError);
      expect(thrown(() => rowsOf(small, `select seq from ${sequence(11)}`))).to.be.instanceOf(TooManyRowsError);
      expect(rowsOf(small, 'select 1')).to.deep.equal([[1]]);
    });

    it('end with the error that ends them', () => {
      const rows = db.prepare(`select seq, (select 1 union select seq) from ${sequence(3)}`).iterate([]);
      expect(thrown(() => [...rows])).to.include({ code: 'ER_SUBQUERY_NO_1_ROW' });
      expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
    });
  });
});
