import { expect } from 'chai';
import { sql } from 'kysely';
import { failureOf } from '../pool/failure.js';
import { heldLanes, newShelf, noneHeld, onEach, type Shelf } from './shelf.js';

onEach('db.connection()', (shelf, dialect) => {
  it('runs its queries one after the other, and holds no lane for them', async () => {
    const { db, pool } = shelf();
    const books = await db.connection().execute(async (bound) => {
      await bound.insertInto('book').values({ title: 'Emma' }).execute();
      expect(heldLanes(pool)).to.equal(0);
      return bound.selectFrom('book').select('title').execute();
    });
    expect(books).to.deep.equal([{ title: 'Emma' }]);
  });

  it('may have transactions, one after the other', async () => {
    const { db, pool, titles } = shelf();
    await db.connection().execute(async (bound) => {
      await bound.transaction().execute((trx) => trx.insertInto('book').values({ title: 'Emma' }).execute());
      await noneHeld(pool);
      const undone = bound.transaction().execute(async (trx) => {
        await trx.insertInto('book').values({ title: 'Persuasion' }).execute();
        throw new Error('no');
      });
      expect((await failureOf(undone)).message).to.equal('no');
      await bound.insertInto('book').values({ title: 'Sanditon' }).execute();
    });
    expect(await titles()).to.deep.equal(['Emma', 'Sanditon']);
  });

  if (dialect === 'sqlite')
    it('refuses what would change one of several connections, and names the way out', async () => {
      const { db } = shelf();
      const changed = db.connection().execute((bound) => sql`pragma foreign_keys = off`.execute(bound));
      expect(await failureOf(changed)).to.include({ name: 'TransactionControlError' });
    });
});

describe('db.connection() on MySQL: its session', () => {
  let shelf: Shelf;
  before(async () => {
    shelf = await newShelf('mysql', { threads: 1 });
  });
  beforeEach(() => shelf.own.deleteFrom('book').execute());
  afterEach(() => noneHeld(shelf.pool));
  after(() => shelf.remove());
  const text = async (db: Shelf['db'], query: string) =>
    Object.values((await sql.raw<object>(query).execute(db)).rows[0] ?? {})[0] as unknown;

  it('keeps what SQL text has set, as long as the connection is held', async () => {
    const { db, pool } = shelf;
    await db.connection().execute(async (bound) => {
      await sql`set @chosen = 7`.execute(bound);
      expect(heldLanes(pool)).to.equal(1);
      expect(await text(bound, 'select @chosen')).to.equal(7);
      await sql`set foreign_key_checks = 0`.execute(bound);
      expect(await text(bound, 'select @@foreign_key_checks')).to.equal(0);
    });
    await noneHeld(pool);
    expect(await text(db, 'select @chosen')).to.equal(null);
    expect(await text(db, 'select @@foreign_key_checks')).to.equal(1);
  });

  it('keeps a temporary table, of SQL text and of the schema builder', async () => {
    const { db } = shelf;
    await db.connection().execute(async (bound) => {
      await bound.schema.createTable('chosen').temporary().addColumn('id', 'integer').execute();
      await sql`insert into chosen values (1), (2)`.execute(bound);
      expect(await text(bound, 'select count(*) from chosen')).to.equal(2);
    });
    expect(await failureOf(sql`select * from chosen`.execute(db))).to.include({ code: 'ER_NO_SUCH_TABLE' });
  });

  it('keeps a lock until it is released, and then lets it go', async () => {
    const { db, own } = shelf;
    const isFree = () => text(own, "select is_free_lock('of_this_test')");
    await db.connection().execute(async (bound) => {
      expect(await text(bound, "select get_lock('of_this_test', 0)")).to.equal(1);
      expect(await isFree()).to.equal(0);
    });
    expect(await isFree()).to.equal(1);
  });

  it('commits each statement by itself, and transactions where they are asked for', async () => {
    const { db, titles } = shelf;
    await db.connection().execute(async (bound) => {
      await sql`set @chosen = 'Emma'`.execute(bound);
      await sql`insert into book (title) values (@chosen)`.execute(bound);
      expect(await titles()).to.deep.equal(['Emma']);
      const undone = bound
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (trx) => {
          expect(await text(trx, 'select @chosen')).to.equal('Emma');
          await trx.insertInto('book').values({ title: 'Persuasion' }).execute();
          expect(await titles()).to.deep.equal(['Emma']);
          throw new Error('no');
        });
      expect((await failureOf(undone)).message).to.equal('no');
      await bound.transaction().execute(async (trx) => {
        await trx.insertInto('book').values({ title: 'Sanditon' }).execute();
        expect(await titles()).to.deep.equal(['Emma']);
      });
      expect(await titles()).to.deep.equal(['Emma', 'Sanditon']);
      const reading = bound
        .transaction()
        .setAccessMode('read only')
        .execute(() => Promise.resolve());
      expect((await failureOf(reading)).message).to.include('this connection is held for writing already');
    });
    expect(await titles()).to.deep.equal(['Emma', 'Sanditon']);
  });

  it('has the isolation level that a transaction in it asks for', async () => {
    const { db, own } = shelf;
    await db.connection().execute(async (bound) => {
      await sql`set @chosen = 1`.execute(bound);
      for (const [level, seen] of [
        ['read committed', 1],
        ['repeatable read', 0],
      ] as const) {
        await own.deleteFrom('book').execute();
        await bound
          .transaction()
          .setIsolationLevel(level)
          .execute(async (trx) => {
            expect(await trx.selectFrom('book').select('id').execute()).to.have.length(0);
            await own.insertInto('book').values({ title: level }).execute();
            expect(await trx.selectFrom('book').select('id').execute(), level).to.have.length(seen);
          });
      }
    });
  });
});
