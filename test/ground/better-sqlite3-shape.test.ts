import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: the shape of rows', () => {
  let scratch: Scratch;
  let db: Database.Database;
  let other: Database.Database;

  beforeEach(() => {
    scratch = new Scratch();
    other = scratch.writer("create table item(id integer, name text); insert into item values (1, 'one')");
    db = scratch.open();
  });
  afterEach(() => scratch.remove());

  const names = (statement: Database.Statement) => statement.columns().map((column) => column.name);

  /** A statement that has run once, so that its shape is known, before the table changes elsewhere. */
  function cached(sql: string): Database.Statement {
    const statement = db.prepare(sql).raw();
    statement.all();
    return statement;
  }

  describe('after another connection altered the table', () => {
    it('columns() of a cached statement is stale before it runs and fresh after', () => {
      const statement = cached('select * from item');
      other.exec('alter table item add column age default 3');
      expect(names(statement)).to.eql(['id', 'name']);
      expect(statement.all()).to.eql([[1, 'one', 3]]);
      expect(names(statement)).to.eql(['id', 'name', 'age']);
    });

    it('it is fresh after a run that finds no row', () => {
      const statement = cached('select * from item where id = 0');
      other.exec('alter table item add column age');
      expect(statement.all()).to.eql([]);
      expect(names(statement)).to.eql(['id', 'name', 'age']);
    });

    it('it is fresh after the first next() of an iterator', () => {
      const statement = cached('select * from item');
      other.exec('alter table item add column age default 3');
      const iterator = statement.iterate();
      expect(names(statement)).to.eql(['id', 'name']);
      expect(iterator.next().value).to.eql([1, 'one', 3]);
      expect(names(statement)).to.eql(['id', 'name', 'age']);
      iterator.return?.();
    });

    it('a renamed column is told by columns() alone, and only after a run', () => {
      const statement = cached('select * from item');
      other.exec('alter table item rename column name to title');
      expect(statement.all()).to.eql([[1, 'one']]);
      expect(names(statement)).to.eql(['id', 'title']);
    });

    it('a dropped column makes the rows shorter than the columns() taken before', () => {
      const statement = cached('select * from item');
      other.exec('alter table item drop column id');
      expect(names(statement)).to.eql(['id', 'name']);
      expect(statement.all()).to.eql([['one']]);
      expect(names(statement)).to.eql(['name']);
    });

    it('a statement that names a column that is gone fails, and works again when it is back', () => {
      const statement = cached('select name from item');
      other.exec('alter table item rename column name to title');
      expect(() => statement.all())
        .to.throw('no such column: name')
        .with.property('code', 'SQLITE_ERROR');
      other.exec('alter table item rename column title to name');
      expect(statement.all()).to.eql([['one']]);
    });

    it('even a newly prepared statement has stale columns() until it, or another, has run', () => {
      cached('select * from item');
      other.exec('alter table item add column age default 3');
      const statement = db.prepare('select * from item').raw();
      expect(names(statement)).to.eql(['id', 'name']);
      statement.all();
      expect(names(statement)).to.eql(['id', 'name', 'age']);
    });

    it('rows as objects have the fresh keys', () => {
      const statement = db.prepare('select * from item');
      statement.all();
      other.exec('alter table item rename column name to title');
      expect(statement.all()).to.eql([{ id: 1, title: 'one' }]);
    });

    it('inside an open snapshot both rows and columns() stay as they were', () => {
      db.exec('begin');
      const statement = cached('select * from item');
      other.exec('alter table item add column age');
      expect(statement.all()).to.eql([[1, 'one']]);
      expect(names(statement)).to.eql(['id', 'name']);
      db.exec('commit');
      expect(statement.all()).to.eql([[1, 'one', null]]);
    });
  });

  it("the connection's own ALTER leaves columns() stale in the same way", () => {
    const statement = cached('select * from item');
    db.exec('alter table item add column age');
    expect(names(statement)).to.eql(['id', 'name']);
    statement.all();
    expect(names(statement)).to.eql(['id', 'name', 'age']);
  });

  describe('version pragmas', () => {
    const version = (connection: Database.Database, name: string) =>
      connection.pragma(name, { simple: true }) as number;

    it('schema_version changes on every connection when one alters a table, and not when one writes rows', () => {
      const before = version(db, 'schema_version');
      other.exec("insert into item values (2, 'two')");
      expect(version(db, 'schema_version')).to.equal(before);
      other.exec('alter table item add column age');
      expect(version(db, 'schema_version')).to.be.above(before);
      expect(version(other, 'schema_version')).to.equal(version(db, 'schema_version'));
    });

    it("data_version changes when another connection commits, and not by one's own commit", () => {
      const [mine, theirs] = [version(db, 'data_version'), version(other, 'data_version')];
      other.exec("insert into item values (2, 'two')");
      expect(version(db, 'data_version')).to.not.equal(mine);
      expect(version(other, 'data_version')).to.equal(theirs);
    });

    it('neither changes inside an open snapshot', () => {
      db.exec('begin');
      cached('select * from item');
      const seen = [version(db, 'data_version'), version(db, 'schema_version')];
      other.exec('alter table item add column age');
      expect([version(db, 'data_version'), version(db, 'schema_version')]).to.eql(seen);
      db.exec('commit');
      expect(version(db, 'data_version')).to.not.equal(seen[0]);
      expect(version(db, 'schema_version')).to.not.equal(seen[1]);
    });
  });

  describe('names of columns', () => {
    it('columns of one name are all kept by raw() and columns(), and lost in objects', () => {
      const sql = 'select a.id, b.id from item a join (select 2 as id) b';
      expect(db.prepare(sql).raw().all()).to.eql([[1, 2]]);
      expect(names(db.prepare(sql))).to.eql(['id', 'id']);
      expect(db.prepare(sql).all()).to.eql([{ id: 2 }]);
    });

    it('a column named __proto__ is harmless with raw()', () => {
      const statement = db.prepare(`select 'x' as "__proto__", 5 as id`).raw();
      expect(statement.all()).to.eql([['x', 5]]);
      expect(names(statement)).to.eql(['__proto__', 'id']);
    });

    it('an expression has a name made of its text, and no table', () => {
      expect(db.prepare('select 1 + 1').columns()).to.eql([
        { name: '1 + 1', column: null, table: null, database: null, type: null },
      ]);
    });
  });
});
