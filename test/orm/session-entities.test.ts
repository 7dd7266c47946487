import { expect } from 'chai';
import { BuilderOnlyError, CallError, type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import type * as shop from './shop.js';
import { Address, SCHEMA, User } from './shop.js';

const MANY = `
  with recursive n (i) as (select 10 union all select i + 1 from n where i < 309) insert into user select i, 'user ' || i, null, i from n;`;

onEach('entities from any query', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('come from SQL text, whatever the order of its columns is, and beside others', () => {
    const [bob] = session.entities(User, sql`select 1 as one, age, email, name, id from user where id = ${2}`);

    expect(bob).to.be.instanceOf(User).and.include({ id: 2, name: 'Bob', email: null, age: 25 });
    (bob as User).age = 26;
    session.commit();
    expect(db.rows('select age from user where id = 2')).to.deep.equal([[26]]);
  });

  it('come from a Kysely query over the tables of the entities', () => {
    const tables = session.kysely<typeof shop>();
    const query = tables
      .selectFrom('address')
      .innerJoin('user', 'user.id', 'address.user_id')
      .selectAll('address')
      .where('user.age', '>', 30);

    expect(session.entities(Address, query.orderBy('address.id')).map(({ street }) => street)).to.deep.equal([
      'North',
      'South',
    ]);
  });

  it('are the ones that the session knows, with what was changed in them', () => {
    const ada = session.get(User, 1) as User;
    ada.name = 'Grace';

    expect(session.entities(User, sql`select * from user where name = 'Grace'`)).to.deep.equal([ada]);
    ada.name = 'Hedy';
    session.remove(session.get(User, 4) as User);
    expect(session.entities(User, sql`select * from user where id in (1, 4)`)).to.deep.equal([ada]);
    expect(ada.name).to.equal('Hedy');
  });

  it('load their relations together', () => {
    db.outside.exec(MANY);
    const users = session.entities(User, sql`select * from user order by id`);

    expect(db.during(() => users.map(({ addresses }) => addresses.length))).to.have.length(2);
  });

  const mistakes: [what: string, ask: () => unknown, kind: new (...args: never[]) => Error, message: string][] = [
    [
      'lacks columns',
      () => session.entities(User, sql`select id, name from user where id = 9`),
      CallError,
      "session.entities(): the query for User answers without the column 'email', the column 'age'. Select every column of its table: selectAll('table'), or select \"table\".*.",
    ],
    [
      'has a column under the name of its property',
      () => session.entities(Address, sql`select id, user_id as userId, street from address`),
      CallError,
      "session.entities(): the query for Address answers without the column 'user_id'",
    ],
    [
      'has a column twice',
      () => session.entities(User, sql`select * from user join address on user.id = user_id`),
      CallError,
      "session.entities(): the query for User answers with the column 'id' more than once. Select the columns of one table only, or give the others names of their own.",
    ],
    [
      'writes',
      () => session.entities(User, sql`update user set age = 1`),
      TypeError,
      "session.entities() takes a query that reads, not 'update user set age = 1'.",
    ],
    [
      'is none',
      () => session.entities(User, 'select * from user' as never),
      TypeError,
      "session.entities() takes a query: sql`…` or one of Kysely's, not 'select * from user'.",
    ],
  ];
  for (const [what, ask, kind, message] of mistakes) {
    it(`refuse a query that ${what}`, () => {
      expect(thrownBy(ask)).to.be.instanceOf(kind);
      expect(thrownBy(ask).message).to.include(message);
    });
  }
});

onEach('Kysely over the tables of the entities', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('builds what the session runs', () => {
    const tables = session.kysely<typeof shop>();

    expect(session.run(tables.selectFrom('user').select(['name', 'age']).where('age', '<', 30))).to.deep.equal([
      { name: 'Bob', age: 25 },
    ]);
    expect(session.run(tables.updateTable('order').set({ total: 0 }))).to.deep.equal({
      changes: 3,
      insertId: undefined,
      ...(dialect === 'mysql' && { changedRows: 3 }),
    });
  });

  for (const [what, execute] of [
    ['execute()', () => session.kysely<typeof shop>().selectFrom('user').selectAll().execute()],
    ['executeTakeFirst()', () => session.kysely<typeof shop>().deleteFrom('user').executeTakeFirst()],
    [
      'transaction()',
      () =>
        session
          .kysely<typeof shop>()
          .transaction()
          .execute(() => Promise.resolve()),
    ],
  ] as const) {
    it(`tells that it cannot ${what}, and what can`, async () => {
      const error = await Promise.resolve(execute()).then(
        () => undefined,
        (reason: unknown) => reason,
      );

      expect(error)
        .to.be.instanceOf(BuilderOnlyError)
        .and.include({
          code: 'OFFTHREAD_BUILDER_ONLY',
          message:
            'This Kysely builds queries and has no connection, so it cannot execute() them. ' +
            'Give the query to the session: session.run(query).',
        });
    });
  }
});
