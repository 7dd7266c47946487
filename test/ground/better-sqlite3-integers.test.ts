import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: integers', () => {
  let scratch: Scratch;
  let db: Database.Database;

  before(() => {
    scratch = new Scratch();
    db = scratch.writer('create table big(value); insert into big values (9007199254740993)');
  });
  after(() => scratch.remove());

  it('above 2^53 come back as a rounded double by default', () => {
    expect(db.prepare('select value from big').pluck().get()).to.equal(9007199254740992);
  });

  it('above 2^53 are exact bigints with safeIntegers()', () => {
    expect(db.prepare('select value from big').pluck().safeIntegers().get()).to.equal(9007199254740993n);
  });

  it('safeIntegers() makes every integer a bigint and leaves reals alone', () => {
    expect(db.prepare('select 1, 1.0').raw().safeIntegers().get()).to.eql([1n, 1]);
  });

  it('one prepared statement can switch between both', () => {
    const statement = db.prepare('select value from big').pluck();
    expect(statement.safeIntegers(true).get()).to.equal(9007199254740993n);
    expect(statement.safeIntegers(false).get()).to.equal(9007199254740992);
  });

  it('a bigint is bound exactly, and one of more than 64 bits is a RangeError', () => {
    expect(
      db
        .prepare('select ?')
        .pluck()
        .safeIntegers()
        .get(2n ** 63n - 1n),
    ).to.equal(2n ** 63n - 1n);
    expect(() => db.prepare('select ?').get(2n ** 63n)).to.throw(RangeError, 'too big');
  });

  it('a number is always bound as a REAL, a bigint as an INTEGER', () => {
    expect(db.prepare('select typeof(?), typeof(?), ? / 2').raw().get(1, 1n, 1)).to.eql(['real', 'integer', 0.5]);
  });

  it('lastInsertRowid is a bigint under safeIntegers(), changes is not', () => {
    const insert = db.prepare('insert into big values (1)');
    expect(insert.run()).to.eql({ changes: 1, lastInsertRowid: 2 });
    expect(insert.safeIntegers().run()).to.eql({ changes: 1, lastInsertRowid: 3n });
  });
});
