import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: what a prepared statement says of itself', () => {
  let scratch: Scratch;
  let db: Database.Database;

  before(() => {
    scratch = new Scratch();
    db = scratch.writer('create table item(id integer primary key, name text)');
  });
  after(() => scratch.remove());

  const kind = (sql: string) => {
    const { readonly, reader } = db.prepare(sql);
    return { readonly, reader };
  };

  function say(sentence: string, expected: { readonly: boolean; reader: boolean }, statements: string[]): void {
    for (const sql of statements) it(`${sentence}: ${sql}`, () => expect(kind(sql)).to.eql(expected));
  }

  say('reads, and is read-only', { readonly: true, reader: true }, [
    'select * from item',
    'values (1)',
    'with n as (select 1) select * from n',
    'explain select 1',
    'pragma foreign_keys',
    'pragma user_version',
    'pragma data_version',
    'pragma schema_version',
    'pragma table_info(item)',
  ]);

  say('writes, and returns no rows', { readonly: false, reader: false }, [
    "insert into item values (1, 'a')",
    "update item set name = 'b'",
    'delete from item',
    "with n as (select 1) insert into item select 1, 'a' from n",
    'create table if not exists item(id)',
    'create temp table other(id)',
    'drop table if exists nowhere',
    'vacuum',
    'analyze',
    'begin immediate',
    'begin exclusive',
    'pragma user_version = 3',
    'pragma incremental_vacuum',
  ]);

  say('writes, and returns rows', { readonly: false, reader: true }, [
    "insert into item values (1, 'a') returning id",
    'pragma journal_mode = wal',
    'pragma wal_checkpoint',
  ]);

  say('only looks, yet is not called read-only', { readonly: false, reader: true }, [
    'pragma journal_mode',
    'explain delete from item',
    'explain query plan delete from item',
  ]);

  say('changes the connection or the transaction, yet is called read-only', { readonly: true, reader: false }, [
    'begin',
    'commit',
    'rollback',
    'savepoint member',
    'release member',
    'rollback to member',
    "attach ':memory:' as other",
    'detach other',
    'pragma foreign_keys = off',
    'pragma query_only = on',
    'pragma synchronous = off',
    'pragma cache_size = 10',
  ]);

  say('writes the database, yet is called read-only', { readonly: true, reader: false }, ['reindex']);
  say('writes the database, yet is called read-only', { readonly: true, reader: true }, ['pragma optimize']);

  it('more than one statement, or none, is a RangeError', () => {
    expect(() => db.prepare('select 1; select 2')).to.throw(RangeError, 'more than one statement');
    expect(() => db.prepare('-- nothing')).to.throw(RangeError, 'contains no statements');
  });

  it('text after a NUL is dropped without a word', () => {
    expect(db.prepare('select 1 as one\0; drop table item').all()).to.eql([{ one: 1 }]);
  });

  it('a syntax error and an unknown table are SQLITE_ERROR at prepare', () => {
    expect(() => db.prepare('selec 1'))
      .to.throw('near "selec"')
      .with.property('code', 'SQLITE_ERROR');
    expect(() => db.prepare('select * from nowhere'))
      .to.throw('no such table')
      .with.property('code', 'SQLITE_ERROR');
  });

  it('get() and all() of a statement without rows are a TypeError', () => {
    expect(() => db.prepare('delete from item').all()).to.throw(TypeError, 'does not return data');
  });
});
