import { expect } from 'chai';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { Connections, change, counted, rowsOf, thrown } from './connections.js';

describe('what a unit leaves in a MySQL session', function () {
  this.timeout(60_000);
  let connections: Connections;
  let db: MysqlConnection;

  before(async () => {
    connections = await Connections.make('session_state');
    db = connections.open();
    change(db, 'create table note (id int primary key, text varchar(20))');
  });
  after(() => connections.close());

  it('is nothing where it only ran plain statements, and then cleaning asks the server nothing', () => {
    change(db, 'insert into note values (1, ?)', 'x');
    rowsOf(db, 'select * from note where text = "set @a := 1" -- into @b');
    expect(db.isClean).to.equal(true);
    const asked = () => counted(db, 'Questions', 'session');
    const before = asked();
    db.clean();
    expect(asked()).to.equal(before + 1);
  });

  const marks: readonly (readonly [what: string, sql: readonly string[], question: string, fresh: unknown])[] = [
    ['a variable', ['set @a = 5'], 'select @a', null],
    ['a variable set on the way', ['select @b := 6'], 'select @b', null],
    ['a variable that a query fills', ['select 7 into @c'], 'select @c', null],
    [
      'a setting',
      ["set time_zone = '+05:00'", "set sql_mode = 'ANSI'"],
      "select concat(@@time_zone, find_in_set('STRICT_TRANS_TABLES', @@sql_mode) > 0)",
      '+00:001',
    ],
    ['a character set', ['set names latin1'], 'select @@character_set_client', 'utf8mb4'],
    [
      'an isolation level',
      ['set session transaction isolation level serializable'],
      // Its name is not the same on MariaDB and MySQL.
      "show variables where variable_name in ('tx_isolation', 'transaction_isolation')",
      'REPEATABLE-READ',
    ],
    [
      'a temporary table',
      ['create temporary table note (hidden int)'],
      "select count(*) from note where text = 'x'",
      1,
    ],
    ['a lock by name', ["select get_lock('mine', 1)"], "select is_used_lock('mine')", null],
    ['another database', ['use mysql'], 'select database()', 'session_state'],
  ];
  for (const [what, sql, question, fresh] of marks) {
    it(`${what} is gone when it was cleaned`, () => {
      for (const text of sql) db.prepare(text).all([]);
      expect(db.isClean).to.equal(false);
      db.clean();
      expect(db.isClean).to.equal(true);
      expect(rowsOf(db, question).map((row) => row.slice(-1))).to.deep.equal([[fresh]]);
    });
  }

  it('with the raw connection is gone too: a transaction, a prepared statement, a lock on tables', () => {
    const raw = db.lend() as MysqlConnection['raw'];
    raw.query('begin');
    raw.query('insert into note values (2, "undone")');
    raw.query('prepare mine from "select 1"');
    raw.query('lock tables note write');
    raw.query('unlock tables');
    raw.query('begin');
    raw.query('insert into note values (3, "undone")');
    db.clean();
    expect(rowsOf(db, 'select count(*) from note where id = 3')).to.deep.equal([[0]]);
    expect(() => (db.lend() as MysqlConnection['raw']).query('execute mine')).to.throw('Unknown prepared statement');
    db.clean();
  });

  it('is cleaned of also where the setup tried what the server refused', () => {
    const own = connections.open();
    expect(thrown(() => own.raw.query('set nothing_of_the_kind = 1'))).to.include({ errno: 1193 });
    own.raw.query("set @setup = 'kept'");
    change(own, 'set @setup = 1');
    own.clean();
    expect(rowsOf(own, 'select @setup')).to.deep.equal([['kept']]);
  });

  it('is not what the setup made of it, which stays', () => {
    const own = connections.open();
    own.raw.query("set @setup = 'kept', lc_time_names = ?", ['de_DE']);
    expect(own.isClean).to.equal(true);
    change(own, 'set @setup = 1');
    own.clean();
    expect(rowsOf(own, 'select @setup, @@lc_time_names')).to.deep.equal([['kept', 'de_DE']]);
  });

  it('of what mysql2 would answer the raw connection gives rows, fields and a header', () => {
    const raw = db.lend() as MysqlConnection['raw'];
    expect(raw.query('select 1 as one, ? as `__proto__`', ['x'])).to.deep.equal([
      [Object.defineProperty({ one: 1 }, '__proto__', { value: 'x', enumerable: true })],
      [{ name: 'one' }, { name: '__proto__' }],
    ]);
    expect(raw.execute('insert into note values (?, ?)', [9, 'nine'])).to.deep.equal([
      { affectedRows: 1, insertId: 0, changedRows: 0 },
      [],
    ]);
    for (const changedRows of [1, 0])
      expect(raw.query("update note set text = 'ten' where id = 9")).to.deep.equal([
        { affectedRows: 1, insertId: 0, changedRows },
        [],
      ]);
    expect(({} as { x?: unknown }).x).to.equal(undefined);
    db.clean();
  });
});
