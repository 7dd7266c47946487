import type Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: two connections on one WAL database', () => {
  let scratch: Scratch;
  let holder: Database.Database;
  let db: Database.Database;

  beforeEach(() => {
    scratch = new Scratch();
    holder = scratch.writer('create table item(id integer primary key); insert into item values (1)');
    db = scratch.open({ timeout: 20 });
  });
  afterEach(() => scratch.remove());

  const count = (connection: Database.Database) => connection.prepare('select count(*) from item').pluck().get();

  it('BEGIN IMMEDIATE against a lock is SQLITE_BUSY and leaves no transaction', () => {
    holder.exec('begin immediate');
    expect(() => db.exec('begin immediate'))
      .to.throw('database is locked')
      .with.property('code', 'SQLITE_BUSY');
    expect(db.inTransaction).to.equal(false);
    holder.exec('rollback');
    db.exec('begin immediate; commit');
  });

  it("the driver's timeout is SQLite's busy timeout, and 0 asks once", () => {
    expect(db.pragma('busy_timeout', { simple: true })).to.equal(20);
    expect(scratch.open({}).pragma('busy_timeout', { simple: true })).to.equal(5_000);
    const impatient = scratch.open({ timeout: 0 });
    holder.exec('begin immediate');
    expect(() => impatient.exec('begin immediate'))
      .to.throw()
      .with.property('code', 'SQLITE_BUSY');
  });

  it('a reader is not held up by a writer, and sees what was committed', () => {
    holder.exec('begin immediate; insert into item values (2)');
    expect(count(db)).to.equal(1);
    holder.exec('commit');
    expect(count(db)).to.equal(2);
  });

  it('a deferred BEGIN takes its snapshot at the first read, not at BEGIN', () => {
    db.exec('begin');
    holder.exec('insert into item values (2)');
    expect(count(db)).to.equal(2);
    holder.exec('insert into item values (3)');
    expect(count(db)).to.equal(2);
  });

  it('a fresh snapshot that writes against a lock is SQLITE_BUSY and keeps its transaction', () => {
    db.exec('begin');
    count(db);
    holder.exec('begin immediate');
    expect(() => db.exec('insert into item values (2)'))
      .to.throw()
      .with.property('code', 'SQLITE_BUSY');
    expect(db.inTransaction).to.equal(true);
    holder.exec('rollback');
    db.exec('insert into item values (2); commit');
  });

  it('a stale snapshot that writes is SQLITE_BUSY_SNAPSHOT, again and again, until it is rolled back', () => {
    db.exec('begin');
    count(db);
    holder.exec('insert into item values (2)');
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => db.exec('insert into item values (3)'))
        .to.throw()
        .with.property('code', 'SQLITE_BUSY_SNAPSHOT');
    }
    expect(db.inTransaction).to.equal(true);
    expect(count(db)).to.equal(1);
    db.exec('rollback; insert into item values (3)');
    expect(count(db)).to.equal(3);
  });

  it('synchronous is NORMAL in WAL mode by default, and FULL otherwise', () => {
    expect(holder.pragma('synchronous', { simple: true })).to.equal(1);
    expect(scratch.open({}, 'journal.db').pragma('synchronous', { simple: true })).to.equal(2);
  });

  it('synchronous belongs to the connection', () => {
    db.pragma('synchronous = FULL');
    expect(db.pragma('synchronous', { simple: true })).to.equal(2);
    expect(holder.pragma('synchronous', { simple: true })).to.equal(1);
  });

  describe('a connection opened readonly', () => {
    let reader: Database.Database;
    beforeEach(() => {
      reader = scratch.open({ readonly: true });
    });

    it('reads beside a living writer', () => {
      holder.exec('begin immediate; insert into item values (2); commit');
      expect(count(reader)).to.equal(2);
    });

    it('refuses a write with SQLITE_READONLY when it runs, not when it is prepared', () => {
      const insert = reader.prepare('insert into item values (2)');
      expect(() => insert.run())
        .to.throw()
        .with.property('code', 'SQLITE_READONLY');
      expect(() => reader.pragma('user_version = 2'))
        .to.throw()
        .with.property('code', 'SQLITE_READONLY');
    });

    it('accepts BEGIN IMMEDIATE, and a lock of another does not hinder it', () => {
      holder.exec('begin immediate');
      reader.exec('begin immediate');
      expect(reader.inTransaction).to.equal(true);
      expect(() => reader.exec('insert into item values (2)'))
        .to.throw()
        .with.property('code', 'SQLITE_READONLY');
      expect(reader.inTransaction).to.equal(true);
    });

    it('may make temporary tables', () => {
      reader.exec('create temp table mine(id); insert into mine values (7)');
      expect(reader.prepare('select id from mine').pluck().get()).to.equal(7);
    });
  });

  describe('PRAGMA query_only', () => {
    beforeEach(() => db.pragma('query_only = on'));

    it('refuses writes, temporary tables and BEGIN IMMEDIATE with SQLITE_READONLY', () => {
      for (const sql of ['insert into item values (2)', 'create temp table mine(id)', 'begin immediate']) {
        expect(() => db.exec(sql), sql)
          .to.throw()
          .with.property('code', 'SQLITE_READONLY');
      }
      expect(db.inTransaction).to.equal(false);
    });

    it('can be switched off by any SQL on that connection', () => {
      db.exec('pragma query_only = off; insert into item values (2)');
      expect(count(db)).to.equal(2);
    });
  });
});
