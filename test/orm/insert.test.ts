import { expect } from 'chai';
import { bigint, Entity, EntityStateError, integer, type LocalSession, sql, text } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';

class Row extends Entity('line', { id: integer().primaryKey(), name: text() }) {}
class Big extends Entity('big', { id: bigint().primaryKey(), name: text() }) {}
class Keyed extends Entity('keyed', { code: text().primaryKey(), name: text(), size: integer().default(sql`7`) }) {}
class Bare extends Entity('bare', { id: integer().primaryKey() }) {}

const TABLES = `
  create table line (id integer primary key, name text not null);
  create table big (id integer primary key, name text not null);
  create table keyed (code text primary key, name text not null, size integer not null default 7) without rowid;
  create table bare (id integer primary key);`;

/** How many rows each statement of a list inserts, and whether it asks for something back. */
const shapes = (sent: readonly string[]) =>
  sent.map((sql) => `${sql.match(/\(\?/g)?.length ?? 0}${sql.includes('returning') ? ' returning' : ''}`);
const made = (count: number) => Array.from({ length: count }, (_, i) => new Row({ name: `row ${i}` }));

onEach('an insert', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(TABLES);
    session = db.open();
  });
  afterEach(() => db.close());

  function addAll<T extends Row | Big | Keyed | Bare>(rows: readonly T[]): string[] {
    for (const row of rows) session.add(row);
    return db.during(() => session.commit());
  }
  const expectStored = (rows: readonly { id: number | bigint; name: string }[], table = 'line') =>
    expect(db.rows(`select name from ${table} order by id`).flat()).to.deep.equal(
      [...rows].sort((a, b) => Number(a.id) - Number(b.id)).map(({ name }) => name),
    );

  it('of many rows of one shape takes few statements, and each row has its own key', () => {
    const rows = made(150);

    expect(shapes(addAll(rows))).to.deep.equal(['64', '64', '8', '8', '1', '1', '1', '1', '1', '1']);
    expect(rows.map(({ id }) => id)).to.deep.equal(rows.map((_, i) => i + 1));
    expectStored(rows);
    expect(session.get(Row, 77)).to.equal(rows[76]);
  });

  it('of rows with keys and without parts them', () => {
    const [first, ...rest] = made(20) as [Row, ...Row[]];
    const given = new Row({ id: 500, name: 'given' });
    addAll([first, given, ...rest]);

    expect(given.id).to.equal(500);
    expectStored([first, given, ...rest]);
  });

  if (dialect === 'sqlite')
    it('asks for the keys where a trigger may take some in between', () => {
      db.outside.exec(`create trigger between_rows before insert on line when new.name not like 'copy%' begin
      insert into line (name) values ('copy of ' || new.name); end`);
      const rows = made(20);

      expect(shapes(addAll(rows))[0]).to.equal('8 returning');
      for (const { id, name } of rows)
        expect(db.rows(`select name from line where id = ${id}`), name).to.deep.equal([[name]]);
    });

  if (dialect === 'sqlite')
    it('notices a trigger that was made after its first rows', () => {
      addAll(made(10));
      db.outside.exec(`create trigger after_rows after insert on line when new.name not like 'copy%' begin
      insert into line (name) values ('copy of ' || new.name); end`);
      const rows = made(20);
      addAll(rows);

      for (const { id, name } of rows)
        expect(db.rows(`select name from line where id = ${id}`), name).to.deep.equal([[name]]);
    });

  if (dialect === 'sqlite')
    it('asks for the keys where the column is not the table’s own number', () => {
      db.outside.exec(`drop table line; create table line (id int primary key default 0, name text not null);
      insert into line values (100, 'before')`);
      const row = new Row({ name: 'one' });

      expect(shapes(addAll([row]))).to.deep.equal(['1 returning']);
      expect(row.id).to.equal(0);
    });

  it('asks for keys that may be larger than a number', () => {
    db.outside.exec(`insert into big values (9007199254740992, 'before')`);
    const rows = Array.from({ length: 10 }, (_, i) => new Big({ name: `big ${i}` }));
    addAll(rows);

    expect(rows[0]?.id).to.equal(9007199254740993n);
    for (const { id, name } of rows)
      expect(db.rows(`select name from big where id = ${id}`), name).to.deep.equal([[name]]);
  });

  if (dialect === 'sqlite')
    it('gives back what the database fills in to the row that it belongs to', () => {
      const rows = Array.from({ length: 20 }, (_, i) => new Keyed({ code: `code ${(i * 7) % 20}`, name: `${i}` }));
      db.outside.exec('create trigger sizes after insert on keyed begin update keyed set size = length(new.name); end');

      expect(shapes(addAll(rows))).to.deep.equal(['8 returning', '8 returning', ...Array(4).fill('1 returning')]);
      expect(new Set(rows.map(({ size }) => size))).to.deep.equal(new Set([7]));
      expect(session.get(Keyed, 'code 7')).to.equal(rows[1]);
    });

  if (dialect === 'sqlite') {
    const isOwn = (table: string) =>
      expect(db.rows(`select count(*) from ${table} where secret <> 'of ' || name or secret is null`)).to.deep.equal([
        [0],
      ]);

    it('gives each row the key that the database made for it, where keys come in no order', () => {
      class Token extends Entity('token', {
        id: text().primaryKey().default(sql`(lower(hex(randomblob(8))))`),
        name: text(),
        secret: text().nullable(),
      }) {}
      db.outside.exec(
        'create table token (id text primary key default (lower(hex(randomblob(8)))), name text, secret text)',
      );
      const tokens = Array.from({ length: 30 }, (_, i) => session.add(new Token({ name: `${i}` })));
      session.flush();
      for (const token of tokens) token.secret = `of ${token.name}`;
      session.commit();
      isOwn('token');
    });

    it('gives each row its key, where a number of the table is no rowid', () => {
      class Ticket extends Entity('ticket', { id: integer().primaryKey(), name: text(), secret: text().nullable() }) {}
      db.outside.exec(
        'create table ticket (id int primary key default (abs(random()) % 1000000007), name text, secret text)',
      );
      const tickets = Array.from({ length: 30 }, (_, i) => session.add(new Ticket({ name: `${i}` })));
      session.flush();
      for (const ticket of tickets) ticket.secret = `of ${ticket.name}`;
      session.commit();
      isOwn('ticket');
    });

    it('gives each row its key, where the database makes a part of it', () => {
      class Part extends Entity('part', {
        house: integer().primaryKey(),
        code: text().primaryKey().default(sql`(lower(hex(randomblob(8))))`),
        name: text(),
        secret: text().nullable(),
      }) {}
      db.outside.exec(`create table part (house integer, code text default (lower(hex(randomblob(8)))), name text, secret text,
        primary key (house, code))`);
      const parts = Array.from({ length: 30 }, (_, i) => session.add(new Part({ house: i % 3, name: `${i}` })));
      session.flush();
      for (const part of parts) part.secret = `of ${part.name}`;
      session.commit();
      isOwn('part');
    });
  } else {
    it('of a key of which the database makes a part is refused: MySQL does not tell it', () => {
      class Part extends Entity('part', {
        house: integer().primaryKey(),
        code: text().primaryKey().default(sql`(uuid())`),
      }) {}
      session.add(new Part({ house: 1 }));
      expect(() => session.flush()).to.throw(
        EntityStateError,
        'Part.code is a key that the database fills in, and MySQL does not tell what it was',
      );
    });

    it('gives each row its number, where that is a part of the key', () => {
      class Event extends Entity('event', {
        id: integer().primaryKey().default(sql`0`),
        house: integer().primaryKey(),
        name: text(),
      }) {}
      db.outside.exec(
        'create table event (id integer not null auto_increment, house integer not null, name text, primary key (id, house))',
      );
      const events = Array.from({ length: 20 }, (_, i) => session.add(new Event({ house: i % 3, name: `${i}` })));
      session.commit();
      for (const { id, house, name } of events)
        expect(db.rows(`select name from event where id = ${id} and house = ${house}`)).to.deep.equal([[name]]);
    });
  }

  it('of nothing but a key takes what the database makes', () => {
    const rows = Array.from({ length: 3 }, () => new Bare({}));

    expect(addAll(rows)).to.deep.equal(
      Array(3).fill(`insert into "bare" ${dialect === 'sqlite' ? 'default values' : 'values ()'}`),
    );
    expect(rows.map(({ id }) => id)).to.deep.equal([1, 2, 3]);
  });

  it('and an update put values where they belong, whatever the columns are called', () => {
    class Years extends Entity('years', {
      id: integer().primaryKey(),
      name: text(),
      late: integer('2024'),
      early: integer('2023'),
    }) {}
    db.outside.exec('create table years (id integer primary key, name text, "2024" integer, "2023" integer)');
    const years = session.add(new Years({ id: 7, name: 'x', late: 1, early: 2 }));
    session.commit();
    expect(db.rows('select id, name, "2024", "2023" from years')).to.deep.equal([[7, 'x', 1, 2]]);
    Object.assign(years, { name: 'y', late: 10, early: 20 });
    session.commit();
    expect(db.rows('select id, name, "2024", "2023" from years')).to.deep.equal([[7, 'y', 10, 20]]);
  });

  it('and rows that exchange unique values do so too', () => {
    class Seat extends Entity('seat', {
      id: integer().primaryKey(),
      late: integer('2').nullable().unique(),
      early: integer('1').nullable().unique(),
    }) {}
    db.outside.exec('create table seat (id integer primary key, "2" integer unique, "1" integer unique)');
    const [a, b] = [session.add(new Seat({ late: 20, early: 10 })), session.add(new Seat({ late: 21, early: 11 }))];
    session.commit();
    Object.assign(a, { late: 21, early: 11 });
    Object.assign(b, { late: 20, early: 10 });
    session.commit();
    expect(db.rows('select id, "2", "1" from seat')).to.deep.equal([
      [1, 21, 11],
      [2, 20, 10],
    ]);
  });

  it('of what is frozen is refused before any statement', () => {
    const row = Object.freeze(new Row({ name: 'one' }));

    expect(() => session.add(row)).to.throw(EntityStateError, 'Row is frozen, so its key could not be set');
  });

  if (dialect === 'sqlite')
    it('that a trigger drops without a word is an error', () => {
      db.outside.exec(
        "create trigger drops before insert on line when new.name = 'row 3' begin select raise(ignore); end",
      );

      expect(() => addAll(made(10))).to.throw(EntityStateError, 'Row lost 1 of 8 rows that were inserted');
    });

  for (const count of [1, 10]) {
    if (dialect === 'sqlite')
      it(`of ${count} that a rule of the table drops without a word is an error`, () => {
        db.outside.exec(`drop table line; create table line (id integer primary key, name text unique on conflict ignore);
        insert into line (name) values ('row 0')`);

        expect(() => addAll(made(count))).to.throw(EntityStateError, `Row lost 1 of ${count === 1 ? 1 : 8} rows`);
      });
  }

  it('of which one row is refused leaves the session usable once it is rolled back', () => {
    db.outside.exec('create unique index names on line (name)');
    const rows = made(20);
    expect(() => addAll([...rows, new Row({ name: 'row 3' })])).to.throw(
      dialect === 'sqlite' ? 'UNIQUE constraint failed: line.name' : "Duplicate entry 'row 3'",
    );
    session.rollback();

    expect(rows.map(({ id }) => id)).to.deep.equal(rows.map(() => undefined));
    addAll(rows);
    expectStored(rows);
  });
});
