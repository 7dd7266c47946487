import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: how a transaction ends behind our back', () => {
  let scratch: Scratch;
  let db: Database.Database;

  beforeEach(() => {
    scratch = new Scratch();
    db = scratch.writer(`
      create table item(id integer primary key, name text unique);
      create table part(item integer references item(id) deferrable initially deferred);
      create table leaf(item integer references item(id));
      create trigger guarded before delete on item begin select raise(rollback, 'guarded'); end;
      insert into item values (1, 'one');
      begin immediate;
      insert into item values (2, 'two');
      savepoint member;
    `);
  });
  afterEach(() => scratch.remove());

  function expectNothingLeft(): void {
    expect(db.inTransaction).to.equal(false);
    expect(() => db.exec('rollback to member'))
      .to.throw('no such savepoint: member')
      .with.property('code', 'SQLITE_ERROR');
    expect(() => db.exec('release member'))
      .to.throw('no such savepoint: member')
      .with.property('code', 'SQLITE_ERROR');
    expect(() => db.exec('commit'))
      .to.throw('no transaction is active')
      .with.property('code', 'SQLITE_ERROR');
  }

  const names = () => db.prepare('select name from item order by id').pluck().all();

  it('a plain constraint error undoes its statement only', () => {
    expect(() => db.exec("insert into item values (3, 'one')"))
      .to.throw()
      .with.property('code', 'SQLITE_CONSTRAINT_UNIQUE');
    db.exec('release member; commit');
    expect(names()).to.eql(['one', 'two']);
  });

  it('INSERT OR ROLLBACK ends the whole transaction with its savepoints', () => {
    const insert = () => db.exec("insert or rollback into item values (3, 'one')");
    expect(insert).to.throw().with.property('code', 'SQLITE_CONSTRAINT_UNIQUE');
    expectNothingLeft();
    expect(names()).to.eql(['one']);
  });

  it('RAISE(ROLLBACK) in a trigger ends the whole transaction with its savepoints', () => {
    expect(() => db.exec('delete from item'))
      .to.throw('guarded')
      .with.property('code', 'SQLITE_CONSTRAINT_TRIGGER');
    expectNothingLeft();
    expect(names()).to.eql(['one']);
  });

  it('a raw COMMIT inside a savepoint commits everything and makes RELEASE fail', () => {
    db.exec('commit');
    expectNothingLeft();
    expect(names()).to.eql(['one', 'two']);
  });

  it('a raw COMMIT followed by BEGIN is seen by the missing savepoint, not by inTransaction', () => {
    db.exec('commit; begin');
    expect(db.inTransaction).to.equal(true);
    expect(() => db.exec('release member')).to.throw('no such savepoint: member');
    expect(db.inTransaction).to.equal(true);
  });

  it('a deferred foreign key lets RELEASE of an inner savepoint pass, and COMMIT fail in the open transaction', () => {
    db.exec('insert into part values (99); release member');
    expect(() => db.exec('commit'))
      .to.throw()
      .with.property('code', 'SQLITE_CONSTRAINT_FOREIGNKEY');
    expect(db.inTransaction).to.equal(true);
    expect(() => db.exec('commit'))
      .to.throw()
      .with.property('code', 'SQLITE_CONSTRAINT_FOREIGNKEY');
    db.exec('rollback');
    expect(names()).to.eql(['one']);
  });

  it('a COMMIT refused by a deferred foreign key passes once the key is repaired', () => {
    db.exec('insert into part values (99); release member');
    expect(() => db.exec('commit')).to.throw();
    db.exec('delete from part; commit');
    expect(names()).to.eql(['one', 'two']);
  });

  it('RELEASE of the outermost savepoint is a COMMIT, and fails like one', () => {
    db.exec('rollback; savepoint outer; insert into part values (99)');
    expect(() => db.exec('release outer'))
      .to.throw()
      .with.property('code', 'SQLITE_CONSTRAINT_FOREIGNKEY');
    expect(db.inTransaction).to.equal(true);
  });

  it('foreign keys are enforced by default', () => {
    expect(db.pragma('foreign_keys', { simple: true })).to.equal(1);
    expect(() => db.exec('insert into leaf values (99)'))
      .to.throw()
      .with.property('code', 'SQLITE_CONSTRAINT_FOREIGNKEY');
  });

  it('PRAGMA foreign_keys inside a transaction is ignored without a word', () => {
    db.pragma('foreign_keys = off');
    expect(db.pragma('foreign_keys', { simple: true })).to.equal(1);
  });

  it('SQLITE_FULL in a statement of one row ends the whole transaction', () => {
    db.pragma('max_page_count = 20');
    const insert = db.prepare('insert into item(name) values (?)');
    const fill = () => {
      for (let i = 0; i < 100; i++) insert.run(`${i}`.repeat(1_000));
    };
    expect(fill).to.throw().with.property('code', 'SQLITE_FULL');
    expectNothingLeft();
    expect(names()).to.eql(['one']);
  });

  it('SQLITE_FULL in a statement of many rows undoes that statement and keeps the transaction', () => {
    db.pragma('max_page_count = 20');
    const fill = `with recursive n(x) as (select 3 union all select x + 1 from n where x < 100)
      insert into item select x, hex(zeroblob(2000)) || x from n`;
    expect(() => db.exec(fill))
      .to.throw()
      .with.property('code', 'SQLITE_FULL');
    expect(db.inTransaction).to.equal(true);
    db.exec('release member; commit');
    expect(names()).to.eql(['one', 'two']);
  });
});
