import { expect } from 'chai';
import {
  DummyDriver,
  Kysely,
  MysqlQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Tables } from 'offthread/kysely';
import { type LocalSession, sql } from '../../lib/orm/index.js';
import { type Dialect, onEach, type TestDatabase, thrownBy } from './database.js';
import type * as shop from './shop.js';
import { SCHEMA, User } from './shop.js';

/** A program's own. */
const kyselyOf = (dialect: Dialect) =>
  new Kysely<Tables<typeof shop>>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => (dialect === 'sqlite' ? new SqliteQueryCompiler() : new MysqlQueryCompiler()),
    },
  });

onEach('session.run', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('answers SQL text with rows, by the names of the columns', () => {
    const rows = session.run(sql<{ name: string; n: number }>`
      select name, (select count(*) from address where user_id = user.id) as n from user where id < ${3} order by id`);

    expect(rows).to.deep.equal([
      { name: 'Ada', n: 2 },
      { name: 'Bob', n: 1 },
    ]);
    expect(session.run(sql`select * from user where id = ${99}`)).to.deep.equal([]);
  });

  /** MySQL also tells how many of the rows that it found were others before. */
  const changed = (changedRows: number) => (dialect === 'mysql' ? { changedRows } : {});

  it('answers a write with what it changed, and with the key of what it inserted', () => {
    expect(session.run(sql`insert into user (name) values (${'Eve'}), (${'Flo'})`)).to.deep.equal({
      changes: 2,
      // Of several the last; MySQL tells of the first.
      insertId: dialect === 'sqlite' ? 6 : 5,
    });
    expect(session.run(sql`update user set age = 1 where id < ${3}`)).to.deep.equal({
      changes: 2,
      insertId: undefined,
      ...changed(2),
    });
    expect(session.run(sql`update user set age = 1 where id < ${4}`)).to.deep.equal({
      changes: 3,
      insertId: undefined,
      ...changed(1),
    });
    expect(session.run(sql`delete from ${sql.table('order')}`)).to.deep.equal({ changes: 3, insertId: undefined });
    const ignore = sql.raw(dialect === 'sqlite' ? 'or ignore' : 'ignore');
    expect(session.run(sql`insert ${ignore} into user (name) values ('Eve')`)).to.deep.equal({
      changes: 0,
      insertId: undefined,
    });
    expect(session.run(sql`insert into user (id, name) values (9007199254740993, 'Big')`)).to.deep.equal({
      changes: 1,
      insertId: 9007199254740993n,
    });
  });

  // MariaDB can do it, MySQL cannot, and of neither it is asked by the ORM.
  if (dialect === 'sqlite')
    it('answers a write that returns rows with rows', () => {
      expect(session.run(sql`insert into user (name) values ('Eve') returning id, name`)).to.deep.equal([
        { id: 5, name: 'Eve' },
      ]);
    });

  it('answers queries of Kysely, that read and that write', () => {
    const kysely = kyselyOf(dialect);
    expect(
      session.run(kysely.selectFrom('user').select(['id', 'name']).where('age', '=', 36).orderBy('id')),
    ).to.deep.equal([
      { id: 1, name: 'Ada' },
      { id: 3, name: 'Cyd' },
    ]);
    expect(session.run(kysely.insertInto('address').values({ street: 'West', user_id: 1 }))).to.deep.equal({
      changes: 1,
      insertId: 5,
    });
    expect(session.run(kysely.updateTable('user').set({ age: 1 }).where('id', 'in', [1, 2]))).to.deep.equal({
      changes: 2,
      insertId: undefined,
      ...changed(2),
    });
    expect(session.run(kysely.deleteFrom('order').where('id', '=', 1))).to.deep.equal({
      changes: 1,
      insertId: undefined,
    });
  });

  it('sends the text as it was written, with the values beside it', () => {
    const name = "'; drop table user; --";
    const sent = db.during(() => session.run(sql`select * from user where name = ${name} or id = ${1}`));

    expect(sent).to.deep.equal(['select * from user where name = ? or id = ?']);
    expect(session.query(User).count()).to.equal(4);
  });

  it('takes sql inside of sql, and the pieces of Kysely', () => {
    const grown = sql`age > ${30}`;
    const rows = session.run(
      sql<{
        id: number;
      }>`select id from ${sql.table('user')} where ${grown} and ${sql.ref('name')} in (${sql.join(['Ada', 'Bob'])})`,
    );

    expect(rows).to.deep.equal([{ id: 1 }]);
  });

  it('keeps integers exact: a number where it fits, a bigint where not', () => {
    expect(
      session.run(sql`select 9007199254740991 as a, 9007199254740992 as b, -9223372036854775808 as c, 1.5e0 as d`),
    ).to.deep.equal([{ a: 9007199254740991, b: 9007199254740992n, c: -9223372036854775808n, d: 1.5 }]);
  });

  it('binds every kind of scalar', () => {
    const [row] = session.run(
      sql<Record<string, unknown>>`select ${'x'} as words, ${1.5} as ratio, ${2n ** 60n} as big, ${true} as flag,
        ${null} as none, ${new Date(0)} as at, ${Buffer.from('ab')} as bytes`,
    );

    expect(row).to.deep.equal({
      words: 'x',
      ratio: 1.5,
      big: 2n ** 60n,
      flag: 1,
      none: null,
      at: '1970-01-01 00:00:00.000',
      bytes: Buffer.from('ab'),
    });
  });

  it('sees what was changed before it, and its own writes are in the same transaction', () => {
    (session.get(User, 1) as User).name = 'Grace';
    session.run(sql`update user set name = concat(name, '!') where id = 1`);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);

    session.rollback();
    expect(session.run(sql`select name from user where id = 1`)).to.deep.equal([{ name: 'Ada' }]);
  });

  it('begins a transaction for a write and none for a read', () => {
    session.run(sql`select 1`);
    expect(db.isInTransaction(session)).to.equal(false);
    session.run(sql`update user set age = 1`);
    expect(db.isInTransaction(session)).to.equal(true);
  });

  for (const [what, query, shown] of [
    ['text without sql', 'select 1', "'select 1'"],
    ['nothing', undefined, 'undefined'],
    ['a query for entities', (own: LocalSession) => own.query(User), 'an object (Query)'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const given = typeof query === 'function' ? query(session) : query;

      expect(thrownBy(() => session.run(given as never)))
        .to.be.instanceOf(TypeError)
        .and.include({
          message: `session.run() takes a query: sql\`…\` or one of Kysely's, not ${shown}.`,
        });
    });
  }
});
