import { expect } from 'chai';
import { type KyselyPlugin, sql } from 'kysely';
import { on } from '../lanes/dialects.js';
import { failureOf } from '../pool/failure.js';
import { heldLanes, noneHeld, onEach, type Shelf } from './shelf.js';

/** Notes how many rows come at once. */
class Sizes implements KyselyPlugin {
  readonly sizes: number[] = [];
  transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => node;
  transformResult: KyselyPlugin['transformResult'] = ({ result }) => {
    this.sizes.push(result.rows.length);
    return Promise.resolve(result);
  };
}

onEach('stream()', (shelf, dialect) => {
  const COUNT = 1_000;
  const fill = ({ own }: Shelf) =>
    own
      .insertInto('book')
      .values(Array.from({ length: COUNT }, (_, i) => ({ id: i + 1, title: `Volume ${i + 1}`, pages: i })))
      .execute();
  const ids = (db: Shelf['db']) => db.selectFrom('book').select('id').orderBy('id');
  beforeEach(() => fill(shelf()));
  afterEach(() => noneHeld(shelf().pool));

  it('yields row by row', async () => {
    const { db, pool } = shelf();
    const seen: number[] = [];
    for await (const { id } of ids(db).stream()) {
      if (seen.length === 0) expect(heldLanes(pool)).to.equal(1);
      seen.push(id);
    }
    expect(seen).to.deep.equal(Array.from({ length: COUNT }, (_, i) => i + 1));
  });

  it('takes as many rows at once as its chunk size says', async () => {
    const plugin = new Sizes();
    let count = 0;
    for await (const _ of ids(shelf().db.withPlugin(plugin)).stream(300)) count++;
    expect(plugin.sizes).to.deep.equal([300, 300, 300, 100]);
    expect(count).to.equal(COUNT);
  });

  it('takes them as they come where nothing is said', async () => {
    const plugin = new Sizes();
    for await (const _ of ids(shelf().db.withPlugin(plugin)).stream()) void _;
    expect(plugin.sizes.reduce((sum, size) => sum + size)).to.equal(COUNT);
    expect(plugin.sizes.length).to.be.within(2, 20);
  });

  it('frees its lane when its consumer breaks, and when he throws', async () => {
    const { db, pool } = shelf();
    for await (const { id } of ids(db).stream(7)) if (id === 10) break;
    await noneHeld(pool);
    const reason = new Error('enough');
    const failed = (async () => {
      for await (const { id } of ids(db).stream()) if (id === 10) throw reason;
    })();
    expect(await failureOf(failed)).to.equal(reason);
  });

  it('fails with the error of the database', async () => {
    const stream = sql`select nothing from book`.compile(shelf().db);
    const failed = (async () => {
      for await (const _ of shelf().db.getExecutor().stream(stream, 1)) void _;
    })();
    expect(await failureOf(failed)).to.include({ name: 'DatabaseError' });
  });

  it('only reads', async () => {
    const { db, titles } = shelf();
    const failed = (async () => {
      const insert = db.insertInto('book').values({ title: 'Emma' });
      for await (const _ of insert.stream()) void _;
    })();
    expect(await failureOf(failed)).to.include({ name: 'NotStreamableError' });
    expect(await titles()).to.have.length(COUNT);
  });

  it('sees in a transaction what that has done', async () => {
    const { db, titles } = shelf();
    await db.transaction().execute(async (trx) => {
      await trx.deleteFrom('book').where('id', '>', 400).execute();
      let count = 0;
      for await (const _ of ids(trx).stream(50)) count++;
      expect(count).to.equal(400);
      for await (const { id } of ids(trx).stream()) if (id === 3) break;
      await trx.deleteFrom('book').where('id', '>', 2).execute();
    });
    expect(await titles()).to.deep.equal(['Volume 1', 'Volume 2']);
  });

  it('sees in a savepoint what that has done', async () => {
    const trx = await shelf().db.startTransaction().execute();
    const within = await trx.savepoint('s').execute();
    await within.deleteFrom('book').where('id', '>', 3).execute();
    const seen: number[] = [];
    for await (const { id } of ids(within).stream()) seen.push(id);
    expect(seen).to.deep.equal([1, 2, 3]);
    await trx.rollback().execute();
  });

  it('ends with the reason of a signal', async () => {
    const { db } = shelf();
    const controller = new AbortController();
    const reason = new Error('the request is over');
    const seen: unknown[] = [];
    const failed = db.getExecutor().provideConnection(async (connection) => {
      const stream: (query: object, size: number, options: object) => AsyncIterable<{ rows: unknown[] }> =
        connection.streamQuery.bind(connection) as never;
      for await (const { rows } of stream(ids(db).compile(), 10, { signal: controller.signal })) {
        seen.push(...rows);
        controller.abort(reason);
      }
    });
    expect(await failureOf(failed)).to.equal(reason);
    expect(seen.length).to.be.lessThan(COUNT);
  });

  on(dialect, 'sqlite')('does not refuse writes beside it', async () => {
    const { db } = shelf();
    let count = 0;
    for await (const { id } of ids(db).stream()) {
      await db.updateTable('book').set({ pages: 0 }).where('id', '=', id).execute();
      if (++count === 20) break;
    }
    expect(await db.selectFrom('book').select('id').where('pages', '=', 0).execute()).to.have.length(20);
  });
});
