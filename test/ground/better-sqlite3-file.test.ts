import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

describe('better-sqlite3: files', () => {
  let scratch: Scratch;

  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(() => scratch.remove());

  describe('the name', () => {
    it('loses its blanks at both ends', () => {
      const db = new Database(`  ${scratch.file('trimmed.db')} \t`);
      db.exec('create table item(id)');
      db.close();
      expect(scratch.names()).to.eql(['trimmed.db']);
    });

    it('that is empty or blank opens a temporary database', () => {
      for (const name of ['', ' \t']) {
        const db = new Database(name);
        expect(db.memory).to.equal(true);
        db.close();
      }
    });

    it('with blanks, ?, # and % inside is taken as it is', () => {
      const name = 'a b?c#d%20e.db';
      scratch.open({}, name).exec('create table item(id)');
      expect(scratch.names()).to.eql([name]);
    });

    it('in a missing directory is a TypeError without a code', () => {
      const open = () => scratch.open({}, 'nowhere/ground.db');
      expect(open).to.throw(TypeError, 'directory does not exist').and.not.have.property('code');
    });

    it('of a directory, or of a missing file that must exist, is SQLITE_CANTOPEN', () => {
      expect(() => scratch.open({}, '.'))
        .to.throw()
        .with.property('code', 'SQLITE_CANTOPEN');
      expect(() => scratch.open({ fileMustExist: true }))
        .to.throw()
        .with.property('code', 'SQLITE_CANTOPEN');
      expect(() => scratch.open({ readonly: true }))
        .to.throw()
        .with.property('code', 'SQLITE_CANTOPEN');
      expect(scratch.names()).to.eql([]);
    });
  });

  describe('a file that is no database', () => {
    beforeEach(() => writeFileSync(scratch.file(), 'no database at all. '.repeat(100)));

    it('opens, and fails with SQLITE_NOTADB at the first statement that needs it', () => {
      const db = scratch.open();
      for (const attempt of [() => db.prepare('select 1'), () => db.pragma('journal_mode = WAL')]) {
        expect(attempt).to.throw('file is not a database').with.property('code', 'SQLITE_NOTADB');
      }
    });

    it('lets BEGIN and some pragmas pass', () => {
      const db = scratch.open();
      db.pragma('busy_timeout = 5');
      db.exec('begin');
      expect(db.inTransaction).to.equal(true);
    });
  });

  it('an empty file is an empty database', () => {
    writeFileSync(scratch.file(), '');
    expect(scratch.open({ readonly: true }).prepare('select * from sqlite_schema').all()).to.eql([]);
  });

  describe('a WAL database', () => {
    const table = 'create table item(id); insert into item values (1)';
    const read = (db: Database.Database) => db.prepare('select id from item').pluck().all();

    it('keeps no -wal and no -shm when readers close first and the writer last', () => {
      const writer = scratch.writer(table);
      const reader = scratch.open({ readonly: true });
      expect(read(reader)).to.eql([1]);
      reader.close();
      writer.close();
      expect(scratch.names()).to.eql(['ground.db']);
    });

    it('keeps both when a readonly connection closes last', () => {
      const writer = scratch.writer(table);
      const reader = scratch.open({ readonly: true });
      read(reader);
      writer.close();
      reader.close();
      expect(scratch.names()).to.eql(['ground.db', 'ground.db-shm', 'ground.db-wal']);
    });

    it('is read by a readonly connection alone, which makes both files and leaves them', () => {
      scratch.writer(table).close();
      const reader = scratch.open({ readonly: true });
      expect(read(reader)).to.eql([1]);
      reader.close();
      expect(scratch.names()).to.eql(['ground.db', 'ground.db-shm', 'ground.db-wal']);
    });

    it('is read by a readonly connection that was there before the writer', () => {
      scratch.writer(table).close();
      const reader = scratch.open({ readonly: true });
      read(reader);
      const writer = scratch.open();
      writer.exec('insert into item values (2)');
      expect(read(reader)).to.eql([1, 2]);
      reader.close();
      writer.close();
      expect(scratch.names()).to.eql(['ground.db']);
    });

    it('stays in WAL mode for a connection that never asked for it', () => {
      scratch.writer(table).close();
      expect(scratch.open().pragma('journal_mode', { simple: true })).to.equal('wal');
    });
  });

  it('WAL is refused in memory without an error', () => {
    const db = new Database(':memory:');
    expect(db.pragma('journal_mode = WAL', { simple: true })).to.equal('memory');
    db.close();
  });
});
