import { expect } from 'chai';
import { bigint, Entity, integer, type LocalSession, sql, text } from '../../lib/orm/index.js';
import { onMysql, type TestDatabase, thrownBy } from './database.js';

class Row extends Entity('line', { id: integer().primaryKey(), name: text() }) {}
class Filled extends Entity('filled', {
  id: bigint().primaryKey(),
  name: text(),
  kind: text().default(sql`'draft'`),
  size: integer().generated(sql`length(name)`),
}) {}
class Coded extends Entity('coded', { code: text().primaryKey().default(sql`uuid()`), name: text() }) {}
class Plain extends Entity('plain', { id: integer().primaryKey(), name: text() }) {}

const TABLES = `
  create table line (id integer primary key, name text not null);
  create table log (id integer primary key, name text not null);
  create table filled (id integer primary key, name text not null, kind text default 'draft',
    size integer generated always as (length(name)));
  create table coded (code text primary key, name text not null);
  create table plain (id integer not null, name text not null, primary key (id));`;
const names = (count: number) => Array.from({ length: count }, (_, i) => `row ${i}`);

onMysql('an insert on MySQL', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(TABLES);
    session = db.open();
  });
  afterEach(() => db.close());

  const stored = (table: string) => db.rows(`select id, name from ${table} order by id`);

  it('counts the keys of its rows from the first', () => {
    const rows = names(20).map((name) => session.add(new Row({ name })));
    const sent = db.during(() => session.commit());

    expect(sent).to.have.length(6);
    expect(new Set(sent.filter((statement) => !statement.startsWith('insert')))).to.deep.equal(new Set());
    expect(stored('line')).to.deep.equal(rows.map(({ id, name }) => [id, name]));
  });

  it('counts them where a trigger takes numbers of another table in between', () => {
    db.outside.exec(
      "insert into log values (700, 'before'); create trigger logged before insert on line for each row insert into log (name) values (new.name) /* end */",
    );
    const rows = names(20).map((name) => session.add(new Row({ name })));
    session.commit();

    expect(stored('line')).to.deep.equal(rows.map(({ id, name }) => [id, name]));
  });

  it('counts in the steps of the server', () => {
    db.outside.exec('set global auto_increment_increment = 10');
    try {
      session = db.open();
    } finally {
      db.outside.exec('set global auto_increment_increment = 1');
    }
    const rows = names(20).map((name) => session.add(new Row({ name })));
    session.commit();

    expect(rows.slice(0, 3).map(({ id }) => id)).to.deep.equal([1, 11, 21]);
    expect(stored('line')).to.deep.equal(rows.map(({ id, name }) => [id, name]));
  });

  it('counts beside others that insert at the same time', () => {
    const other = db.open();
    const rows = names(8).map((name) => session.add(new Row({ name })));
    session.flush();
    const others = names(8).map((name) => other.add(new Row({ name: `other ${name}` })));
    other.commit();
    for (const name of names(8)) rows.push(session.add(new Row({ name })));
    session.commit();

    const all = [...rows, ...others].sort((a, b) => a.id - b.id);
    expect(stored('line')).to.deep.equal(all.map(({ id, name }) => [id, name]));
  });

  it('reads what else the database fills in, with one statement for all of its rows', () => {
    db.outside.exec("insert into filled (id, name) values (9007199254740992, 'before')");
    const rows = names(8).map((name) => session.add(new Filled({ name })));
    const sent = db.during(() => session.commit());

    expect(sent).to.deep.equal([
      `insert into "filled" ("name") values ${Array(8).fill('(?)').join(', ')}`,
      'select "kind", "size", "id" from "filled" where "id" in (?, ?, ?, ?, ?, ?, ?, ?)',
    ]);
    expect(rows.map(({ id }) => id)).to.deep.equal(rows.map((_, i) => 2n ** 53n + 1n + BigInt(i)));
    expect(new Set(rows.map(({ kind, size }) => `${kind} ${size}`))).to.deep.equal(new Set(['draft 5']));
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('keeps a key of 0 that is given', () => {
    session.add(new Row({ id: 0, name: 'zero' }));
    session.commit();

    expect(stored('line')).to.deep.equal([[0, 'zero']]);
  });

  it('is an error where the column makes no keys', () => {
    db.outside.exec('alter table plain modify id bigint not null default 7');
    session.add(new Plain({ name: 'one' }));

    expect(thrownBy(() => session.commit())).to.include({
      name: 'EntityStateError',
      message:
        "Plain has no key: its column 'id' is not made by auto_increment. " +
        'Make the column so, or give the key to new, perhaps by a default() that is a function.',
    });
    session.rollback();
    expect(stored('plain')).to.deep.equal([]);
  });

  it('is refused where the database would make a key that is no number, before any statement', () => {
    session.add(new Coded({ name: 'one' }));

    const sent = db.during(() =>
      expect(thrownBy(() => session.commit())).to.include({
        name: 'EntityStateError',
        message:
          'Coded.code is a key that the database fills in, and MySQL does not tell what it was. Make it here: default(() => randomUUID()).',
      }),
    );
    expect(sent).to.deep.equal([]);
  });
});
