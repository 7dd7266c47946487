import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: while an iterator is open', () => {
  const busy = 'This database connection is busy executing a query';
  let scratch: Scratch;
  let db: Database.Database;
  let rows: Database.Statement;
  let iterator: IterableIterator<unknown>;

  beforeEach(() => {
    scratch = new Scratch();
    db = scratch.writer(
      'create table item(id integer primary key); insert into item values (1), (2), (3); begin immediate',
    );
    rows = db.prepare('select id from item').pluck();
    iterator = rows.iterate();
    iterator.next();
  });
  afterEach(() => {
    iterator.return?.();
    scratch.remove();
  });

  it('commit and rollback are refused with a TypeError, and the transaction stays', () => {
    const commit = db.prepare('commit');
    const rollback = db.prepare('rollback');
    for (const attempt of [
      () => commit.run(),
      () => rollback.run(),
      () => db.exec('commit'),
      () => db.exec('rollback'),
      () => db.exec('savepoint member'),
    ]) {
      expect(attempt).to.throw(TypeError, busy);
    }
    expect(db.inTransaction).to.equal(true);
  });

  it('every run(), exec(), pragma() and close() is refused, even of a SELECT', () => {
    const insert = db.prepare('insert into item values (9)');
    const select = db.prepare('select 1');
    for (const attempt of [
      () => insert.run(),
      () => select.run(),
      () => db.exec('select 1'),
      () => db.pragma('user_version'),
      () => db.function('nothing', () => null),
      () => db.close(),
    ]) {
      expect(attempt).to.throw(TypeError, busy);
    }
  });

  it('other statements can be prepared and read', () => {
    expect(db.prepare('select count(*) from item').pluck().get()).to.equal(3);
    expect(db.prepare('pragma user_version').pluck().all()).to.eql([0]);
  });

  it('the iterating statement itself cannot be read', () => {
    expect(rows.busy).to.equal(true);
    expect(() => rows.all()).to.throw(TypeError, 'This statement is busy executing a query');
  });

  it('an INSERT … RETURNING goes through, as get() and all() are not guarded', () => {
    expect(db.prepare('insert into item values (9) returning id').pluck().all()).to.eql([9]);
    expect(db.prepare('select count(*) from item').pluck().get()).to.equal(4);
  });

  it('return() heals the connection', () => {
    iterator.return?.();
    expect(rows.busy).to.equal(false);
    db.exec('insert into item values (9); commit');
    expect(rows.all()).to.eql([1, 2, 3, 9]);
  });

  it('reading to the end heals it too', () => {
    expect([...iterator]).to.eql([2, 3]);
    db.exec('commit');
    expect(db.inTransaction).to.equal(false);
  });

  it('a loop that is left by break or by a throw heals it too', () => {
    iterator.return?.();
    for (const _ of rows.iterate()) break;
    const leave = () => {
      for (const _ of rows.iterate()) throw new Error('left');
    };
    expect(leave).to.throw('left');
    db.exec('commit');
  });
});
