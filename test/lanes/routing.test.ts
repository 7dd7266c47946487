import { expect } from 'chai';
import { Kysely, sql as kyselySql } from 'kysely';
import { sql } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { type Notes, Stage, WITH_ENTITIES } from './stage.js';

interface Database {
  note: { id: number; body: string | null };
}
const builder = new Kysely<Database>({
  dialect: new OffthreadDialect({
    dialect: 'sqlite',
    run: () => Promise.reject(new Error('It only compiles.')),
    stream: () => {
      throw new Error('It only compiles.');
    },
  }),
});
const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
const lane = kyselySql<string>`lane()`;

describe('lanes: which lane serves what', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open(WITH_ENTITIES);
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  async function batchesOf(work: () => Promise<unknown>): Promise<number> {
    const before = pool.stats().batches;
    await work();
    return pool.stats().batches - before;
  }
  const where = () => pool.run(sql<{ id: number; body: string }>`select id, body from note`);

  it('a read unit runs on the reader, a write unit and an unmarked one on the writer', async () => {
    const [reader, writer, unmarked] = await Promise.all([
      pool.run('readingThread'),
      pool.run('writingThread'),
      pool.run('unmarked'),
    ]);
    expect(reader).not.to.equal(writer);
    expect(unmarked).to.equal(writer);
  });

  const reads = {
    "Kysely's select": builder.selectNoFrom(lane.as('lane')),
    "Kysely's select with a common table": builder
      .with('here', (db) => db.selectNoFrom(lane.as('lane')))
      .selectFrom('here')
      .select('lane'),
    "Kysely's raw SQL": kyselySql<{ lane: string }>`select lane() as lane`,
    'a compiled query': builder.selectNoFrom(lane.as('lane')).compile(),
    'SQL text': sql<{ lane: string }>`select lane() as lane`,
    'SQL text with a common table': sql<{ lane: string }>`with here as (select lane() as lane) select * from here`,
    'SQL text behind a comment': sql<{ lane: string }>`/* insert */ select lane() as lane -- update`,
    'SQL text with a value that looks like a write': sql<{
      lane: string;
    }>`select lane() as lane where 'x' <> ${'insert into note'}`,
    values: sql<{ lane: string }>`select column1 as lane from (values (lane()))`,
  } as const;
  for (const [name, query] of Object.entries(reads)) {
    it(`${name} runs on the reader, in one message`, async () => {
      const before = pool.stats().batches;
      expect(await pool.run(query)).to.deep.equal([{ lane: 'reader' }]);
      expect(pool.stats().batches - before).to.equal(1);
    });
  }

  it('a pragma that asks runs on the reader, and one that changes the file on the writer', async () => {
    expect(await batchesOf(() => pool.run(sql`pragma table_info(note)`))).to.equal(1);
    expect(await pool.run(sql`pragma query_only`)).to.deep.equal([{ query_only: 0 }]);
    expect(await batchesOf(() => pool.run(sql`pragma user_version = 7`))).to.equal(2);
    expect(await pool.run(sql`pragma user_version`)).to.deep.equal([{ user_version: 7 }]);
    expect(await batchesOf(() => pool.run(sql`explain query plan select * from note`))).to.equal(1);
  });

  const writes = {
    insert: builder.insertInto('note').values({ id: 1, body: lane }),
    'insert … returning': builder.insertInto('note').values({ id: 1, body: lane }).returning('id'),
    'insert … select with a common table': builder
      .with('here', (db) => db.selectNoFrom([lane.as('body'), kyselySql<number>`1`.as('id')]))
      .insertInto('note')
      .columns(['id', 'body'])
      .expression((db) => db.selectFrom('here').select(['id', 'body'])),
    replace: builder.replaceInto('note').values({ id: 1, body: lane }),
  } as const;
  for (const [name, query] of Object.entries(writes)) {
    it(`Kysely's ${name} goes to the writer directly`, async () => {
      expect(await batchesOf(() => pool.run(query))).to.equal(1);
      expect(await where()).to.deep.equal([{ id: 1, body: 'writer' }]);
    });
  }

  it("Kysely's update, delete and create go to the writer directly", async () => {
    await pool.run('add', [1]);
    expect(await batchesOf(() => pool.run(builder.updateTable('note').set({ body: lane })))).to.equal(1);
    expect(await where()).to.deep.equal([{ id: 1, body: 'writer' }]);
    expect(await batchesOf(() => pool.run(builder.deleteFrom('note')))).to.equal(1);
    expect(await where()).to.deep.equal([]);
    expect(await batchesOf(() => pool.run(builder.schema.createTable('extra').addColumn('id', 'integer')))).to.equal(1);
    expect(await batchesOf(() => pool.run(builder.schema.dropTable('extra')))).to.equal(1);
  });

  const writingTexts = {
    insert: sql`insert into note (id, body) values (1, lane())`,
    'insert … returning': sql`insert into note (id, body) values (1, lane()) returning id, 1 as more`,
    'with … insert': sql`with here(body) as (select lane()) insert into note (id, body) select 1, body from here`,
    'an insert behind comments': sql`-- select
      /* select */ insert into note (body, id) values (lane(), 1)`,
    'insert … on conflict': sql`insert into note (id, body) values (1, lane()) on conflict do update set body = 'twice'`,
    replace: sql`replace into note (id, body) values (1, lane())`,
    "Kysely's raw insert": kyselySql`insert into note (body, id) select lane(), 1`,
  } as const;
  for (const [name, text] of Object.entries(writingTexts)) {
    it(`SQL text, ${name}: handed on unexecuted by the reader once, then sent to the writer directly`, async () => {
      expect(await batchesOf(() => pool.run(text))).to.equal(2);
      expect(await where()).to.deep.equal([{ id: 1, body: 'writer' }]);
      await pool.run('clear');
      expect(await batchesOf(() => pool.run(text))).to.equal(1);
      expect(await where()).to.deep.equal([{ id: 1, body: 'writer' }]);
    });
  }

  it('keeps the order of SQL text that a reader hands on to the writer', async () => {
    await Promise.all(names.map((name) => pool.run(sql`insert into note (body) values (${name})`)));
    expect(await pool.run('bodies')).to.deep.equal(names);
  });

  it('keeps the order of different SQL texts that a reader hands on', async () => {
    await Promise.all(names.map((name) => pool.run(sql`insert into note (body) values (${sql.lit(name)})`)));
    expect(await pool.run('bodies')).to.deep.equal(names);
  });

  it('a text is remembered whatever its values are', async () => {
    const put = (id: number) => pool.run(sql`insert into note (id, body) values (${id}, lane() || '!')`);
    expect(await batchesOf(() => put(1))).to.equal(2);
    expect(await batchesOf(() => put(2))).to.equal(1);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
  });

  it('a list of reads runs on the reader; one that writes, or holds SQL text, on the writer, each in one message', async () => {
    const select = builder.selectNoFrom(lane.as('lane'));
    expect(await pool.run([select, pool.plan('one')])).to.deep.equal([[{ lane: 'reader' }], 1]);
    expect(await pool.run([select, pool.plan('add', [1])])).to.deep.equal([[{ lane: 'writer' }], 1]);
    expect(await pool.run([select, sql`select 1 as one`])).to.deep.equal([[{ lane: 'writer' }], [{ one: 1 }]]);
    expect(await batchesOf(() => pool.run([select, sql`insert into note (id) values (2)`]))).to.equal(1);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
  });

  it('what runs outside of a transaction runs on the writer, a read too', async () => {
    expect(await pool.run(reads['SQL text'], { transaction: false })).to.deep.equal([{ lane: 'writer' }]);
    expect(await batchesOf(() => pool.run(sql`vacuum`, { transaction: false }))).to.equal(1);
  });

  it('a read unit that writes is refused on the reader, by whatever way it writes', async () => {
    for (const name of ['hazard.readThatRuns', 'hazard.readThatAdds', 'hazard.readThatTakesRaw'] as const) {
      const told = await pool.run(name, [5]).then(String, (error: Error) => `${error.name}: ${error.message}`);
      expect(told).to.match(
        /^ReadOnlyError: The unit '.*' may only read, but it wrote: .+ Mark the unit with write\(\) instead of read\(\)\.$/,
      );
    }
    expect(await pool.run('ids')).to.deep.equal([]);
  });
});
