import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Kysely, type Selectable } from 'kysely';
import { createPool, type Pool, sql } from 'offthread';
import { OffthreadDialect, type Tables } from 'offthread/kysely';
import { createTables, type LocalSession, openSession } from '../../lib/orm/index.js';
import { Maybe, Value } from '../orm/value.js';
import { Scratch } from '../scratch.js';

interface Entities {
  readonly Value: typeof Value;
}
type Stored = Selectable<Tables<Entities>['value']>;

/** A row with a column of every type, as the types of Kysely's tables say that it comes. */
const stored: Stored = {
  id: 1,
  whole: 7,
  big: 8,
  ratio: 0.5,
  words: 'é',
  flag: 1,
  at: '2026-01-31 23:59:59.999',
  data: '{"a":[1]}',
  bytes: Buffer.from([0, 255]),
  day: '2026-01-31',
  price: '19.99',
  cents: '5.00',
  token: randomUUID(),
  spot: '1 -2.5',
};
const entity = {
  id: 1,
  whole: 7,
  big: 8n,
  ratio: 0.5,
  words: 'é',
  flag: true,
  at: new Date('2026-01-31T23:59:59.999Z'),
  data: { a: [1] },
  bytes: Buffer.from([0, 255]),
  day: '2026-01-31',
  price: '19.99',
  cents: '5.00',
  token: stored.token,
  spot: { x: 1, y: -2.5 },
};

describe("Kysely's tables of entities", () => {
  let scratch: Scratch;
  let session: LocalSession;
  let pool: Pool;
  let db: Kysely<Tables<Entities>>;
  const rowsBy: readonly [path: string, rows: () => Promise<readonly Stored[]>][] = [
    ['the dialect of the pool', () => db.selectFrom('value').selectAll().execute()],
    ['pool.run', () => pool.run(db.selectFrom('value').selectAll())],
    ['pool.run of a list', async () => (await pool.run([db.selectFrom('value').selectAll()]))[0]],
    ['a write that returns rows', () => pool.run(db.updateTable('value').set({ whole: 7 }).returningAll())],
    ['session.run', async () => session.run(db.selectFrom('value').selectAll())],
    ['session.kysely', async () => session.run(session.kysely<Entities>().selectFrom('value').selectAll())],
  ];

  before(async () => {
    scratch = new Scratch();
    const database = `sqlite:${scratch.file()}`;
    session = openSession(database);
    session.transaction((inner) => createTables(inner, { Maybe }));
    pool = await createPool({ database, threads: 2 });
    db = new Kysely<Tables<Entities>>({ dialect: new OffthreadDialect(pool) });
  });
  beforeEach(() => session.transaction((inner) => void inner.query(Maybe).delete()));
  after(async () => {
    await pool.close();
    session.close();
    scratch.remove();
  });
  const addEntity = () => session.transaction((inner) => void inner.add(new Value(entity)));

  for (const [path, rows] of rowsBy) {
    it(`say what comes through ${path}: what is stored, not what an entity makes of it`, async () => {
      addEntity();
      expect(await rows()).to.deep.equal([stored]);
      expect(Buffer.isBuffer((await rows())[0]?.bytes)).to.equal(true);
    });

    it(`tell that a bigint is one where a number would not be exact, through ${path}`, async () => {
      session.transaction((inner) => void inner.add(new Value({ ...entity, big: 2n ** 53n + 1n })));
      expect((await rows())[0]?.big).to.equal(2n ** 53n + 1n);
    });
  }

  it('tell in which columns null may come', async () => {
    session.transaction((inner) => void inner.add(new Maybe({})));
    const nullable = new Kysely<Tables<{ Maybe: typeof Maybe }>>({ dialect: new OffthreadDialect(pool) });
    const { id, ...others } = await nullable.selectFrom('value').selectAll().executeTakeFirstOrThrow();
    const empty: readonly (string | number | bigint | Buffer | null)[] = Object.values(others);
    expect(id).to.equal(1);
    expect(empty).to.deep.equal(new Array(13).fill(null));
  });

  it('take for an insert and an update what is stored, and a Date and a boolean in its place', async () => {
    const { at, flag, big } = entity;
    await db
      .insertInto('value')
      .values({ ...stored, at, flag, big })
      .execute();
    await db
      .insertInto('value')
      .values({ ...stored, id: 2 })
      .execute();
    await db
      .updateTable('value')
      .set({ at, flag, big, bytes: new Uint8Array([0, 255]) })
      .where('id', '=', 2)
      .execute();
    expect(await db.selectFrom('value').selectAll().execute()).to.deep.equal([stored, { ...stored, id: 2 }]);
    expect({ ...session.get(Value, 2) }).to.deep.equal({ ...entity, id: 2 });
  });

  it('compare with what is stored: a moment is text, or a Date that is bound as such', async () => {
    addEntity();
    const { at } = entity;
    const found = (since: Date) =>
      db
        .selectFrom('value')
        .select('id')
        .where('at', '>', sql<string>`${since}`)
        .where('at', '<', '2026-02-01')
        .where('flag', '=', 1)
        .execute();
    expect(await found(new Date(at.getTime() - 1))).to.deep.equal([{ id: 1 }]);
    expect(await found(at)).to.deep.equal([]);
    const moment = session.query(Value).where((eb) => eb('at', '=', sql<string>`${at}`));
    expect(moment.one().flag).to.equal(true);
  });
});
