import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { expect } from 'chai';
import { eq } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { createPool, type Pool } from 'offthread';
import { openSession } from 'offthread/orm';
import { libraryOf } from '../../examples/drizzle/library.js';
import { author } from '../../examples/drizzle/schema.js';
import { NotThere } from '../../examples/drizzle/units.js';
import { failureOf } from '../pool/failure.js';
import { Scratch } from '../scratch.js';
import { type Equal, is } from '../types/equal.js';
import { answer } from './answer.js';
import type * as units from './drizzle-units.js';
import { until } from './until.js';

const SCHEMA = `
  create table author (id integer primary key, name text not null);
  create table book (id integer primary key, author_id integer not null references author, title text not null unique,
    copies integer not null default 1);`;

describe('Drizzle inside of units', () => {
  let scratch: Scratch;
  let file: string;
  let pool: Pool<typeof units>;
  let own: Sqlite.Database;
  before(async () => {
    scratch = new Scratch();
    own = scratch.writer(SCHEMA);
    file = scratch.file();
    pool = await createPool<typeof units>({
      database: `sqlite:${file}`,
      units: new URL('./drizzle-units.js', import.meta.url),
      errors: [NotThere],
      threads: 2,
    });
  });
  beforeEach(async () => {
    own.exec('delete from book; delete from author');
    await pool.units.publish('Ada', ['Notes', 'Engines']);
  });
  after(async () => {
    await pool.close();
    scratch.remove();
  });
  const names = () => answer(file, 'select group_concat(name) from (select name from author order by id)');

  it('selects, joins, and loads relations, with the types of the schema', async () => {
    const page = await pool.units.authorPage(1);
    expect(page).to.deep.equal({
      id: 1,
      name: 'Ada',
      books: [
        { id: 2, authorId: 1, title: 'Engines', copies: 1 },
        { id: 1, authorId: 1, title: 'Notes', copies: 1 },
      ],
    });
    is<
      Equal<
        typeof page,
        | { id: number; name: string; books: { id: number; authorId: number; title: string; copies: number }[] }
        | undefined
      >
    >();
    expect(await pool.units.authorPage(9)).to.equal(undefined);
    const shelf = await pool.units.shelf();
    expect(shelf).to.deep.equal([{ name: 'Ada', titles: 2, copies: 2 }]);
    is<Equal<typeof shelf, { name: string; titles: number; copies: number }[]>>();
  });

  it('inserts and updates, and answers what the database made', async () => {
    expect(await pool.units.publish('Grace', ['Compilers'])).to.deep.equal({
      id: 2,
      books: [{ id: 3, authorId: 2, title: 'Compilers', copies: 1 }],
    });
    expect(await pool.units.lend('Notes')).to.equal(0);
    expect(answer(file, "select copies from book where title = 'Notes'")).to.equal(0);
  });

  it('rolls back with its unit', async () => {
    await pool.units.lend('Notes');
    const error = await failureOf(pool.units.lend('Notes'));
    expect(error).to.be.instanceOf(NotThere).and.have.property('message', 'no copy of Notes is left');
    // The author was inserted before the title failed.
    expect(await failureOf(pool.units.publish('Grace', ['Engines']))).to.include({
      name: 'DatabaseError',
      kind: 'unique',
      code: 'SQLITE_CONSTRAINT_UNIQUE',
    });
    expect(names()).to.equal('Ada');
    expect(await pool.units.receive(7, ['Nothing'])).to.deep.equal([]);
  });

  describe('transaction()', () => {
    it('is a savepoint: what fails in it is undone, and the unit goes on', async () => {
      expect(await pool.units.receive(1, ['Poems', 'Notes', 'Letters'])).to.deep.equal(['Poems', 'Letters']);
      expect(answer(file, 'select group_concat(title) from book where copies = 1')).to.equal(
        'Notes,Engines,Poems,Letters',
      );
    });

    it('commits nothing by itself', async () => {
      expect(await failureOf(pool.units.failBehindTransaction())).to.be.instanceOf(RangeError);
      expect(names()).to.equal('Ada');
    });

    it('nests, and rolls back what is told to', async () => {
      expect(await pool.units.nested()).to.deep.equal(['Ada', 'outer', 'behind']);
      expect(names()).to.equal('Ada,outer,behind');
    });

    it('that is asynchronous is refused, and undone', async () => {
      const error = await failureOf(pool.units.asynchronous());
      expect(error.message).to.equal('Transaction function cannot return a promise');
      expect(names()).to.equal('Ada');
    });
  });

  it('shares its transaction with what the session does', async () => {
    expect(await pool.units.together()).to.deep.equal([
      { name: 'Ada' },
      { name: 'by Drizzle' },
      { name: 'by the session' },
    ]);
  });

  it('loses no update, however many units run at once', async () => {
    await Promise.all(Array.from({ length: 40 }, () => pool.units.bump('Notes')));
    expect(answer(file, "select copies from book where title = 'Notes'")).to.equal(41);
  });

  it('stops with a unit that is cancelled, wherever it is', async () => {
    const client = new AbortController();
    const told = failureOf(pool.run('forEver', [], { signal: client.signal }));
    await until(() => pool.stats().lanes[0]?.calls === 1);
    client.abort(new Error('gone'));
    expect(await told).to.have.property('message', 'gone');
    await until(() => pool.stats().lanes[0]?.state === 'idle');
    expect(names()).to.equal('Ada');
    expect(pool.stats().lanesLost).to.equal(0);
  });

  describe('mistakes', () => {
    it('a read unit that writes is refused', async () => {
      const error = await failureOf(pool.units.writeInRead());
      expect(error).to.include({ name: 'ReadOnlyError', code: 'OFFTHREAD_READ_ONLY' });
      expect(names()).to.equal('Ada');
    });

    it('a query without its end is refused as a promise', async () => {
      for (const name of ['unfinished', 'unfinishedRelation'] as const)
        expect(await failureOf(pool.run(name))).to.have.property('code', 'OFFTHREAD_PROMISE_RESULT');
    });

    it('a COMMIT by hand is told as what it is', async () => {
      const error = await failureOf(pool.units.commitByHand());
      expect(error).to.include({ name: 'TransactionLostError', outcome: 'unknown' });
      expect(await pool.units.shelf()).to.have.length(1);
    });
  });

  it('runs on the session of a script as well', () => {
    using session = openSession(`sqlite:${file}`);
    session.transaction((session) => void libraryOf(session).insert(author).values({ name: 'Grace' }).run());
    const rollback = () =>
      session.transaction((session) => {
        libraryOf(session).delete(author).where(eq(author.name, 'Grace')).run();
        throw new RangeError('no');
      });
    expect(rollback).to.throw(RangeError);
    expect(names()).to.equal('Ada,Grace');
  });

  it('migrates on the session of a script, before a pool opens', async () => {
    const folder = join(scratch.path, 'migrations');
    mkdirSync(join(folder, 'meta'), { recursive: true });
    writeFileSync(join(folder, '0000_first.sql'), SCHEMA.replace(';', ';--> statement-breakpoint'));
    const entries = [{ idx: 0, version: '6', when: 1, tag: '0000_first', breakpoints: true }];
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'sqlite', entries }));
    const database = `sqlite:${scratch.file('migrated.db')}`;
    for (let i = 0; i < 2; i++) {
      using session = openSession(database);
      migrate(libraryOf(session), { migrationsFolder: folder });
    }
    await using migrated = await createPool<typeof units>({
      database,
      units: new URL('./drizzle-units.js', import.meta.url),
      threads: 1,
    });
    expect(await migrated.units.publish('Ada', ['Notes'])).to.have.property('id', 1);
  });
});
