import { expect } from 'chai';
import {
  CamelCasePlugin,
  DeduplicateJoinsPlugin,
  type Kysely,
  type LogEvent,
  ParseJSONResultsPlugin,
  sql,
} from 'kysely';
import { failureOf } from '../pool/failure.js';
import { onEach } from './shelf.js';

onEach('plugins and logs of Kysely', (shelf, dialect) => {
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
