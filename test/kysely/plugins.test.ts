import { expect } from 'chai';
import {
  CamelCasePlugin,
  DeduplicateJoinsPlugin,
  HandleEmptyInListsPlugin,
  type Kysely,
  type LogEvent,
  ParseJSONResultsPlugin,
  pushValueIntoList,
  replaceWithNoncontingentExpression,
  sql,
  WithSchemaPlugin,
} from 'kysely';
import { failureOf } from '../pool/failure.js';
import { onOneLane, type Tables } from './shelf.js';

onOneLane('plugins and logs of Kysely', (shelf, dialect) => {
  beforeEach(() => shelf().own.insertInto('book').values({ id: 7, title: 'Emma', pages: 500 }).execute());

  it('write in snake case and read in camel case, also in a transaction and in a stream', async () => {
    const db = shelf().with({ plugins: [new CamelCasePlugin()] }) as unknown as Kysely<{
      noteBook: { noteId: number; firstLine: string };
    }>;
    await db.schema.createTable('noteBook').addColumn('noteId', 'integer').addColumn('firstLine', 'text').execute();
    await db.transaction().execute(async (trx) => {
      await trx.insertInto('noteBook').values({ noteId: 1, firstLine: 'a' }).execute();
      expect(await trx.selectFrom('noteBook').selectAll().execute()).to.deep.equal([{ noteId: 1, firstLine: 'a' }]);
    });
    const streamed: unknown[] = [];
    for await (const row of db.selectFrom('noteBook').select('firstLine').stream()) streamed.push(row);
    expect(streamed).to.deep.equal([{ firstLine: 'a' }]);
    const { rows } = await sql`select * from note_book`.execute(shelf().own);
    expect(rows).to.deep.equal([{ note_id: 1, first_line: 'a' }]);
  });

  it('parse JSON that a query has made', async () => {
    const db = shelf().with({ plugins: [new ParseJSONResultsPlugin()] });
    const made = sql<object>`json_object('a', json_array(1, 2))`.as('made');
    expect(await db.selectFrom('book').select(made).execute()).to.deep.equal([{ made: { a: [1, 2] } }]);
  });

  it('leave out joins that come twice', async () => {
    const db = shelf().with({ plugins: [new DeduplicateJoinsPlugin()] });
    const rows = await db
      .selectFrom('book')
      .innerJoin('book as other', 'other.id', 'book.id')
      .innerJoin('book as other', 'other.id', 'book.id')
      .select('other.title')
      .execute();
    expect(rows).to.deep.equal([{ title: 'Emma' }]);
  });

  for (const [name, strategy] of [
    ['what is never so, and what always is', replaceWithNoncontingentExpression],
    ['a list with a value that no row has', pushValueIntoList('no such title')],
  ] as const)
    it(`put into the place of an empty list ${name}, as over Kysely's own dialect`, async () => {
      const { own } = shelf();
      await own.insertInto('book').values({ id: 8, title: 'Persuasion', pages: null }).execute();
      const answers = (kysely: Kysely<Tables>) => {
        const db = kysely.withPlugin(new HandleEmptyInListsPlugin({ strategy }));
        const books = db.selectFrom('book').select('id').orderBy('id');
        return Promise.all([
          books.where('title', 'in', []).execute(),
          books.where('title', 'not in', []).execute(),
          db.deleteFrom('book').where('id', 'in', []).executeTakeFirst(),
          db
            .transaction()
            .execute((trx) => trx.updateTable('book').set({ pages: 9 }).where('id', 'not in', []).execute()),
        ]);
      };
      const ours = await answers(shelf().db);
      await own.updateTable('book').set({ pages: 0 }).execute();
      expect(ours).to.deep.equal(await answers(own));
      expect(ours.slice(0, 2)).to.deep.equal([[], [{ id: 7 }, { id: 8 }]]);
      expect(ours[2]).to.have.property('numDeletedRows', 0n);
    });

  it("find their tables in another schema, as over Kysely's own dialect", async () => {
    const { own, url } = shelf();
    // Of a file there is none; on a server it is another database.
    const schema = dialect === 'sqlite' ? 'main' : `${new URL(url).pathname.slice(1)}_annex`;
    if (dialect === 'mysql') await own.schema.createSchema(schema).execute();
    const answers = async (kysely: Kysely<Tables>) => {
      const db = (kysely as unknown as Kysely<{ page: { id: number; body: string } }>).withSchema(schema);
      await db.schema.createTable('page').addColumn('id', 'integer').addColumn('body', 'varchar(9)').execute();
      const streamed: unknown[] = [];
      const answers = [
        await db
          .insertInto('page')
          .values([
            { id: 1, body: 'a' },
            { id: 2, body: 'b' },
          ])
          .execute(),
        await db.updateTable('page').set({ body: 'c' }).where('id', '=', 2).execute(),
        await db.transaction().execute((trx) => trx.deleteFrom('page').where('page.id', '=', 1).execute()),
        await db.withPlugin(new WithSchemaPlugin(schema)).selectFrom('page').selectAll().execute(),
        await kysely.selectFrom('book').select('title').execute(),
        streamed,
      ];
      for await (const row of db.selectFrom('page').select('page.body').stream()) streamed.push(row);
      const { rows } = await sql`select * from ${sql.table(`${schema}.page`)}`.execute(own);
      await db.schema.dropTable('page').execute();
      return [...answers, rows];
    };
    try {
      const ours = await answers(shelf().db);
      expect(ours).to.deep.equal(await answers(own));
      expect(ours.slice(3)).to.deep.equal([
        [{ id: 2, body: 'c' }],
        [{ title: 'Emma' }],
        [{ body: 'c' }],
        [{ id: 2, body: 'c' }],
      ]);
    } finally {
      if (dialect === 'mysql') await own.schema.dropSchema(schema).execute();
    }
  });

  it('are told of queries, streams and errors', async () => {
    const events: LogEvent[] = [];
    const db = shelf().with({ log: (event) => void events.push(event) });
    await db.selectFrom('book').select('id').execute();
    await db.transaction().execute(async (trx) => {
      await trx.deleteFrom('book').execute();
      for await (const _ of trx.selectFrom('book').select('pages').stream()) void _;
    });
    await failureOf(sql`select nothing`.execute(db));
    const q = dialect === 'sqlite' ? '"' : '`';
    expect(events.map(({ level, query }) => `${level}: ${query.sql.replaceAll(q, '')}`)).to.deep.equal([
      'query: select id from book',
      'query: delete from book',
      'query: select pages from book',
      'error: select nothing',
    ]);
    expect(events.map((event) => event.level === 'query' && event.isStream === true)).to.deep.equal([
      false,
      false,
      true,
      false,
    ]);
    const [last] = events.slice(-1);
    expect(last?.level === 'error' && last.error).to.include({ name: 'DatabaseError' });
  });
});
