import { expect } from 'chai';
import { type ExplainFormat, type Kysely, sql } from 'kysely';
import { onOneLane, type Tables } from './shelf.js';

onOneLane("statements, answered as by Kysely's own dialect", (shelf, dialect) => {
  /** The same table for the one and the other, which counts its keys from the start. */
  async function refill(): Promise<void> {
    const { own } = shelf();
    await (dialect === 'mysql' ? sql`truncate table book`.execute(own) : own.deleteFrom('book').execute());
    await own
      .insertInto('book')
      .values([
        { title: 'Emma', pages: 500 },
        { title: 'Persuasion', pages: 250 },
      ])
      .execute();
  }
  /** What is answered, and what stands in the table then. */
  async function outcome<R>(kysely: Kysely<Tables>, ask: (db: Kysely<Tables>) => Promise<R>) {
    await refill();
    const answers = await ask(kysely);
    return { answers, rows: await shelf().own.selectFrom('book').selectAll().orderBy('id').execute() };
  }

  it('replaceInto: a row that is new, one in the place of another, and one in the place of two', async () => {
    const ask = async (db: Kysely<Tables>) => [
      await db.replaceInto('book').values({ title: 'Lady Susan' }).executeTakeFirst(),
      await db.replaceInto('book').values({ id: 1, title: 'Emma', pages: 1 }).executeTakeFirst(),
      await db
        .transaction()
        .execute((trx) => trx.replaceInto('book').values({ id: 2, title: 'Lady Susan' }).executeTakeFirst()),
      await db
        .replaceInto('book')
        .columns(['title'])
        .expression(db.selectFrom('book').select('title').where('id', '=', 2))
        .execute(),
    ];
    const ours = await outcome(shelf().db, ask);
    expect(ours).to.deep.equal(await outcome(shelf().own, ask));
    expect(ours.answers[0]).to.include({ insertId: 3n, numInsertedOrUpdatedRows: 1n });
    expect(ours.rows.map(({ title, pages }) => [title, pages])).to.deep.equal([
      ['Emma', 1],
      ['Lady Susan', null],
    ]);
  });

  it('explain: of what reads and of what would write, which it does not', async () => {
    const ask = async (db: Kysely<Tables>) => {
      const how = explaining[dialect];
      const emma = db.selectFrom('book').selectAll().where('id', '=', 1);
      return [
        await emma.explain(...how),
        await db
          .updateTable('book')
          .set({ pages: 0 })
          .where('id', '=', 1)
          .explain(...how),
        await db
          .deleteFrom('book')
          .where('id', '=', 1)
          .explain(...how),
        await db
          .insertInto('book')
          .values({ title: 'Lady Susan' })
          .explain(...how),
        await db.transaction().execute((trx) => trx.deleteFrom('book').explain(...how)),
        ...(await Promise.all([emma.explain(), emma.explain(...how)])),
        (await sql`explain select * from book where id = ${1}`.execute(db)).rows,
      ];
    };
    const ours = await outcome(shelf().db, ask);
    expect(ours).to.deep.equal(await outcome(shelf().own, ask));
    // MySQL 9 tells it as a tree, in which a row that is found by its key comes before all else.
    expect(JSON.stringify(ours.answers[0])).to.match(
      dialect === 'sqlite' ? /SEARCH book USING INTEGER PRIMARY KEY/ : /PRIMARY|before execution/,
    );
    expect(ours.rows.map(({ title, pages }) => [title, pages])).to.deep.equal([
      ['Emma', 500],
      ['Persuasion', 250],
    ]);
  });

  const explaining: Readonly<
    Record<typeof dialect, [format?: ExplainFormat | undefined, options?: ReturnType<typeof sql>]>
  > = {
    sqlite: [undefined, sql`query plan`],
    mysql: ['json'],
  };
});
