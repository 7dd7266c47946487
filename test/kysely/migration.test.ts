import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  FileMigrationProvider,
  type Kysely,
  type Migration,
  Migrator,
  type MigratorProps,
  NO_MIGRATIONS,
  sql,
} from 'kysely';
import { newShelf, noneHeld, type Shelf } from './shelf.js';

const program = fileURLToPath(new URL('./migrating.js', import.meta.url));
const folder = fileURLToPath(new URL('./migrations', import.meta.url));

for (const dialect of ['sqlite', 'mysql'] as const)
  describe(`migrations (${dialect === 'sqlite' ? 'SQLite' : 'MySQL'})`, () => {
    let shelf: Shelf;
    before(async () => {
      shelf = await newShelf(dialect, { threads: 1 });
    });
    afterEach(() => empty(shelf));
    after(() => shelf.remove());

    it('go up, down, to one, and back to none', async () => {
      const migrator = migratorOf(shelf.db, { a: table('a'), b: table('b'), c: table('c') });
      expect((await migrator.migrateUp()).results).to.deep.equal([up('a')]);
      expect((await migrator.migrateToLatest()).results).to.deep.equal([up('b'), up('c')]);
      expect(await tablesOf(shelf)).to.deep.equal(['a', 'b', 'book', 'c']);
      expect((await migrator.migrateTo('b')).results).to.deep.equal([down('c')]);
      expect((await migrator.migrateDown()).results).to.deep.equal([down('b')]);
      const known = await migrator.getMigrations();
      expect(known.map(({ name, executedAt }) => [name, executedAt !== undefined])).to.deep.equal([
        ['a', true],
        ['b', false],
        ['c', false],
      ]);
      expect((await migrator.migrateTo(NO_MIGRATIONS)).results).to.deep.equal([down('a')]);
      expect(await tablesOf(shelf)).to.deep.equal(['book']);
      expect((await migrator.migrateTo(NO_MIGRATIONS)).results).to.deep.equal([]);
      await noneHeld(shelf.pool);
    });

    it('stop at one that fails', async () => {
      const migrator = migratorOf(shelf.db, { a: table('a'), b: failing, c: table('c') });
      const { error, results } = await migrator.migrateToLatest();
      expect(error).to.include({ message: 'this migration fails' });
      expect(results).to.deep.equal([
        up('a'),
        { migrationName: 'b', direction: 'Up', status: 'Error' },
        { migrationName: 'c', direction: 'Up', status: 'NotExecuted' },
      ]);
      // On a file all of them are one transaction; a server commits with each table that is made.
      expect(await tablesOf(shelf)).to.deep.equal(dialect === 'sqlite' ? ['book'] : ['a', 'book', 'half']);
      expect(await executed(shelf)).to.deep.equal(dialect === 'sqlite' ? [] : ['a']);
      await noneHeld(shelf.pool);
    });

    it('keep what was done before a failure where transactions are switched off', async () => {
      const migrator = migratorOf(shelf.db, { a: table('a'), b: failing }, { disableTransactions: true });
      expect((await migrator.migrateToLatest()).error).to.include({ message: 'this migration fails' });
      expect(await tablesOf(shelf)).to.deep.equal(['a', 'book', 'half']);
      expect(await executed(shelf)).to.deep.equal(['a']);
    });

    it('may then have transactions of their own', async () => {
      const own: Migration = {
        up: async (db) => {
          await sql`insert into book (title) values ('kept')`.execute(db);
          await db.transaction().execute((trx) => sql`insert into book (title) values ('kept too')`.execute(trx));
          const undone = db.transaction().execute(async (trx) => {
            await sql`insert into book (title) values ('undone')`.execute(trx);
            throw new Error('no');
          });
          await undone.catch(() => {});
        },
      };
      const migrator = migratorOf(shelf.db, { own }, { disableTransactions: true });
      expect((await migrator.migrateToLatest()).error).to.equal(undefined);
      expect(await shelf.titles()).to.deep.equal(['kept', 'kept too']);
    });

    it('run once when two migrate on one pool, and on two', async () => {
      const other = await shelf.open({ threads: 1 });
      const ran: string[] = [];
      const migrations = Object.fromEntries(['a', 'b'].map((name) => [name, noted(name, ran)]));
      const all = [shelf.db, shelf.db, other].map((db) => migratorOf(db, migrations).migrateToLatest());
      const counts = (await Promise.all(all)).map(({ error, results }) => {
        expect(error).to.equal(undefined);
        return results?.length;
      });
      expect(counts.sort()).to.deep.equal([0, 0, 2]);
      expect(ran).to.deep.equal(['a', 'b']);
    });

    it('run once when two processes migrate at the same time', async () => {
      const lines = await Promise.all([run(shelf.url), run(shelf.url)].map(({ ended }) => ended));
      expect(lines.map((each) => each.at(-1)).sort()).to.deep.equal(['done: 0', 'done: 2']);
      expect((await sql`select who from ran`.execute(shelf.own)).rows).to.have.length(2);
    });

    it('leave no lock behind when their process is killed in the middle', async () => {
      const { child, ended, line } = run(shelf.url, 'hang');
      await line('in the middle');
      const other = run(shelf.url);
      await other.line('begins');
      child.kill('SIGKILL');
      await ended;
      // What was recorded on the server stays: the other goes on behind it.
      expect((await other.ended).at(-1)).to.equal(dialect === 'sqlite' ? 'done: 2' : 'done: 1');
      expect(await executed(shelf)).to.deep.equal(['1_first', '2_second']);
    });

    it("are recorded in tables of other names, where Kysely's own dialect goes on with them", async () => {
      const names = { migrationTableName: 'done', migrationLockTableName: 'done_lock' };
      const migrations = { a: table('a'), b: table('b'), c: table('c') };
      const [ours, theirs] = [shelf.db, shelf.own].map((db) => migratorOf(db, migrations, names)) as [
        Migrator,
        Migrator,
      ];
      expect((await ours.migrateUp()).results).to.deep.equal([up('a')]);
      expect((await theirs.migrateUp()).results).to.deep.equal([up('b')]);
      expect((await ours.migrateToLatest()).results).to.deep.equal([up('c')]);
      expect(await ours.getMigrations()).to.deep.equal(await theirs.getMigrations());
      expect(await tablesOf(shelf)).to.deep.equal(['a', 'b', 'book', 'c', 'done', 'done_lock']);
      expect(await executed(shelf, 'done')).to.deep.equal(['a', 'b', 'c']);
      expect((await theirs.migrateDown()).results).to.deep.equal([down('c')]);
      expect((await ours.migrateTo(NO_MIGRATIONS)).results).to.deep.equal([down('b'), down('a')]);
      expect(await tablesOf(shelf)).to.deep.equal(['book', 'done', 'done_lock']);
      const all = await shelf.db.introspection.getTables({ withInternalKyselyTables: true });
      expect(all.map(({ name }) => name).sort()).to.deep.equal(['book', 'done', 'done_lock']);
    });

    it('come from the files of a folder', async () => {
      const provider = new FileMigrationProvider({ fs, path, migrationFolder: folder });
      const migrator = new Migrator({ db: shelf.db, provider });
      expect((await migrator.migrateToLatest()).results).to.deep.equal([up('2026-01-author'), up('2026-02-wrote')]);
      expect(await tablesOf(shelf)).to.deep.equal(['author', 'book', 'wrote']);
      expect(await shelf.titles()).to.deep.equal(['Emma']);
      const others = await new Migrator({ db: shelf.own, provider }).migrateToLatest();
      expect(others).to.deep.equal({ results: [] });
      const gone = await migrator.migrateTo(NO_MIGRATIONS);
      expect(gone.results).to.deep.equal([down('2026-02-wrote'), down('2026-01-author')]);
      expect(await tablesOf(shelf)).to.deep.equal(['book']);
    });

    if (dialect === 'mysql')
      it('have one session from their begin to their end', async () => {
        const steps: Migration = {
          up: async (db) => {
            await sql`set foreign_key_checks = 0`.execute(db);
            await sql`create table page (book integer references book (id))`.execute(db);
            const { rows } = await sql<{ on: number }>`select @@foreign_key_checks as ${sql.id('on')}`.execute(db);
            if (rows[0]?.on !== 0) throw new Error('it is on again');
          },
        };
        expect((await migratorOf(shelf.db, { steps }).migrateToLatest()).error).to.equal(undefined);
      });
  });

const migratorOf = (
  // biome-ignore lint/suspicious/noExplicitAny: as Kysely's migrator takes it
  db: Kysely<any>,
  migrations: Record<string, Migration>,
  props: Partial<MigratorProps> = {},
): Migrator => new Migrator({ ...props, db, provider: { getMigrations: () => Promise.resolve(migrations) } });

const table = (name: string): Migration => ({
  up: (db) => db.schema.createTable(name).addColumn('id', 'integer').execute(),
  down: (db) => db.schema.dropTable(name).execute(),
});
const failing: Migration = {
  up: async (db) => {
    await db.schema.createTable('half').addColumn('id', 'integer').execute();
    throw new Error('this migration fails');
  },
};
const noted = (name: string, ran: string[]): Migration => ({
  up: async (db) => {
    ran.push(name);
    await db.schema.createTable(name).addColumn('id', 'integer').execute();
  },
});
const up = (migrationName: string) => ({ migrationName, direction: 'Up', status: 'Success' });
const down = (migrationName: string) => ({ migrationName, direction: 'Down', status: 'Success' });

/** As it was made: with its one table, and nothing in that. */
const empty = ({ own }: Shelf) =>
  own.connection().execute(async (connection) => {
    const tables = await connection.introspection.getTables({ withInternalKyselyTables: true });
    for (const { name } of tables) if (name !== 'book') await connection.schema.dropTable(name).execute();
    await connection.deleteFrom('book').execute();
  });
const tablesOf = async ({ own }: Shelf) => (await own.introspection.getTables()).map(({ name }) => name).sort();
const executed = async ({ own }: Shelf, record = 'kysely_migration') =>
  (await sql<{ name: string }>`select name from ${sql.table(record)} order by name`.execute(own)).rows.map(
    ({ name }) => name,
  );

interface Run {
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  readonly ended: Promise<string[]>;
  /** Resolves when it has printed this. */
  line(text: string): Promise<void>;
}

function run(url: string, behaviour = ''): Run {
  const child = spawn(process.execPath, [program, url, behaviour], { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => printed.push(line));
  return {
    child,
    ended: once(child, 'close').then(() => printed),
    line: async (text) => {
      while (!printed.includes(text)) await once(lines, 'line');
    },
  };
}
