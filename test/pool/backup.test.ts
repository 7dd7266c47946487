import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { type BackupProgress, createPool, type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const ROWS = 4_000;
/** Some 5 MB: more pages than a few slices have. */
const SCHEMA = `create table note (id integer primary key, body);
  insert into note with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
  select i, randomblob(1000) from n;`;
/** Pages that are copied at a time. */
const SLICE = 256;

function look<T>(file: string, work: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
const idsOf = (file: string) =>
  look(file, (database) => {
    expect(database.pragma('integrity_check', { simple: true })).to.equal('ok');
    return database.prepare('select id from note order by id').pluck().all() as number[];
  });
const firstIds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const insert = (pool: Pool) => pool.run(sql`insert into note (body) values ('more')`);

describe('pool.backup', function () {
  this.timeout(60_000);
  let shop: Shop;
  let pool: Pool;
  let copy: string;
  /** The path of a file beside the copy: each test has a folder of its own. */
  const beside = (name: string) => join(dirname(copy), name);
  before(async () => {
    shop = new Shop(SCHEMA);
    pool = await shop.open({ threads: 2 });
  });
  beforeEach(async () => {
    await pool.run(sql`delete from note where id > ${ROWS}`);
    copy = join(mkdtempSync(shop.path('copies-')), 'copy.db');
  });
  after(() => shop[Symbol.asyncDispose]());

  const names = () => readdirSync(dirname(copy)).sort();

  it('writes what was committed, and says how much that is', async () => {
    await insert(pool);
    const pages = shop.outside.pragma('page_count', { simple: true }) as number;
    expect(await pool.backup(copy)).to.deep.equal({ pages, bytes: pages * 4096 });
    expect(names()).to.deep.equal(['copy.db']);
    expect(statSync(copy).size).to.equal(pages * 4096);
    expect(idsOf(copy)).to.deep.equal(firstIds(ROWS + 1));
  });

  it('takes a file URL, and makes a database that a pool opens', async () => {
    await pool.backup(pathToFileURL(copy));
    await using other = await createPool({ database: `sqlite:${copy}`, threads: 1 });
    expect(await other.run(sql`select count(*) as notes from note`)).to.deep.equal([{ notes: ROWS }]);
  });

  it('is one moment of the database, whatever is written meanwhile, and never begins anew', async () => {
    const told: BackupProgress[] = [];
    let isDone = false;
    let acknowledged = ROWS;
    const writing = (async () => {
      while (!isDone) {
        await insert(pool);
        acknowledged++;
      }
    })();
    while (acknowledged === ROWS) await new Promise(setImmediate);
    const before = acknowledged;
    const { pages } = await pool.backup(copy, { progress: (progress) => void told.push(progress) });
    isDone = true;
    await writing;
    const ids = idsOf(copy);
    expect(ids).to.deep.equal(firstIds(ids.length));
    expect(ids.length).to.be.within(before, acknowledged);
    // One turn that looks how many there are, and one for each slice but the last.
    const slices = Math.ceil((pages - 100) / SLICE);
    expect(told.map(({ totalPages }) => totalPages)).to.deep.equal(told.map(() => pages));
    expect(told).to.have.length.within(slices, slices + 2);
    const left = told.map(({ remainingPages }) => remainingPages);
    expect(left).to.deep.equal([...new Set(left)].sort((a, b) => b - a));
    expect(await pool.run(sql`select count(*) as notes from note`)).to.deep.equal([{ notes: acknowledged }]);
  });

  it('copies a database in memory, by its lane', async () => {
    await using memory = await createPool({ database: 'sqlite::memory:' });
    await memory.run(sql`create table note (id integer primary key, body)`);
    await memory.run(sql`insert into note (body) values ('one'), ('two')`);
    const told: BackupProgress[] = [];
    const written = await memory.backup(copy, { progress: (progress) => void told.push(progress) });
    expect(written).to.deep.equal({ pages: 2, bytes: 8192 });
    expect(told).to.deep.equal([{ totalPages: 2, remainingPages: 0 }]);
    expect(idsOf(copy)).to.deep.equal([1, 2]);
    expect(names()).to.deep.equal(['copy.db']);
    await insert(memory);
    expect(await memory.run(sql`select count(*) as notes from note`)).to.deep.equal([{ notes: 3 }]);
  });

  describe('where it would go', () => {
    const refusal = async (path: string, options?: object) => {
      const error = await failureOf(pool.backup(path, options));
      expect(error).to.include({ name: 'CallError', code: 'OFFTHREAD_CALL' });
      return error.message;
    };
    const there = () => `pool.backup(): '${copy}' is there already. Choose another name, or pass { overwrite: true }.`;

    it('replaces a file only where it is told to', async () => {
      writeFileSync(copy, 'precious');
      expect(await refusal(copy)).to.equal(there());
      expect(readFileSync(copy, 'utf8')).to.equal('precious');
      await pool.backup(copy, { overwrite: true });
      expect(names()).to.deep.equal(['copy.db']);
      expect(idsOf(copy)).to.have.length(ROWS);
    });

    it('does not replace a file that was made while it copied', async () => {
      const progress = () => writeFileSync(copy, 'precious');
      expect(await refusal(copy, { progress })).to.equal(there());
      expect(readFileSync(copy, 'utf8')).to.equal('precious');
      expect(names()).to.deep.equal(['copy.db']);
    });

    it('never replaces the database itself, by whatever name', async () => {
      linkSync(shop.file, beside('hard.db'));
      symlinkSync(shop.file, beside('soft.db'));
      symlinkSync(dirname(shop.file), beside('folder'));
      const inFolder = `${beside('folder')}/${basename(shop.file)}`;
      for (const path of [
        shop.file,
        `${shop.file}-wal`,
        `${shop.file}-shm`,
        `${shop.file}-journal`,
        beside('hard.db'),
        beside('soft.db'),
        inFolder,
        `${inFolder}-journal`,
      ])
        expect(await refusal(path, { overwrite: true }), path).to.match(/is a file of the database itself\. Choose/);
      await insert(pool);
      expect(shop.outside.prepare('select count(*) from note').pluck().get()).to.equal(ROWS + 1);
    });

    it('does not stand beside the log of another database', async () => {
      const other = new Database(copy);
      try {
        other.exec('pragma journal_mode = wal; create table precious (a)');
        expect(await refusal(copy, { overwrite: true })).to.equal(
          `pool.backup(): '${copy}-wal' is there: a database of this name is open, or was not closed. Close it, or choose another name.`,
        );
      } finally {
        other.close();
      }
    });

    it('needs its directory, and is no directory', async () => {
      const folder = beside('folder');
      expect(await refusal(`${folder}/copy.db`)).to.equal(
        `pool.backup(): the directory '${folder}' does not exist. Make it first.`,
      );
      mkdirSync(folder);
      expect(await refusal(folder, { overwrite: true })).to.equal(
        `pool.backup(): '${folder}' is no file. Choose another name.`,
      );
    });

    it('is told by SQLite where no file can be made', async () => {
      const error = await failureOf(pool.backup('/proc/self/copy.db'));
      expect(error).to.include({ name: 'DatabaseError', kind: 'cannot-open' });
      expect(error.stack).to.include('backup.test.js');
    });
  });

  describe('that is given up', () => {
    it('by its signal rejects with the reason, and leaves nothing', async () => {
      const client = new AbortController();
      const reason = new Error('never mind');
      let calls = 0;
      const progress = () => {
        calls++;
        client.abort(reason);
      };
      expect(await failureOf(pool.backup(copy, { progress, signal: client.signal }))).to.equal(reason);
      expect(calls).to.equal(1);
      expect(names()).to.deep.equal([]);
      expect(await failureOf(pool.backup(copy, { signal: client.signal }))).to.equal(reason);
      expect(names()).to.deep.equal([]);
    });

    it('by what its progress function throws rejects with that, and leaves nothing', async () => {
      const mistake = new RangeError('a mistake');
      const progress = () => {
        throw mistake;
      };
      expect(await failureOf(pool.backup(copy, { progress }))).to.equal(mistake);
      expect(names()).to.deep.equal([]);
    });

    it('by its time says so, and leaves nothing', async () => {
      const error = await failureOf(pool.backup(copy, { timeout: 1 }));
      expect(error.message).to.match(/^The backup ran longer than timeout = 1 ms and was stopped\./);
      expect(names()).to.deep.equal([]);
    });

    it('by pool.destroy() says so, and leaves nothing', async () => {
      const pool = await shop.open();
      let isDestroyed: Promise<void> | undefined;
      const progress = () => void (isDestroyed ??= pool.destroy());
      const error = await failureOf(pool.backup(copy, { progress }));
      expect(error).to.have.property('name', 'PoolClosedError');
      await isDestroyed;
      expect(names()).to.deep.equal([]);
    });

    it('by the death of its process leaves no file of its name', async () => {
      const program = fileURLToPath(new URL('./backup-killed.js', import.meta.url));
      const child = spawn(process.execPath, [program, shop.file, copy], { stdio: 'ignore' });
      expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL']);
      expect(names().filter((name) => !/^copy\.db\.[0-9a-f]{12}\.partial(-journal)?$/.test(name))).to.deep.equal([]);
      expect(idsOf(shop.file)).to.have.length(ROWS);
    });
  });

  it('is waited for by pool.close(), which then leaves nothing of its own', async () => {
    await using shop = new Shop(SCHEMA);
    const pool = await shop.open({ threads: 2 });
    const copy = shop.path('copy.db');
    const backup = pool.backup(copy);
    shop.outside.close();
    await pool.close();
    expect(await backup)
      .to.have.property('pages')
      .above(SLICE);
    expect(readdirSync(dirname(copy)).sort()).to.deep.equal(['copy.db', basename(shop.file)].sort());
    const error = await failureOf(pool.backup(shop.path('another.db')));
    expect(error.message).to.match(/^The pool is closed, so the backup was not run\./);
  });

  it('refuses bad options by name', async () => {
    for (const [path, options, message] of [
      [7, {}, 'path must be a path or a file URL, not 7.'],
      ['', {}, "path must be the path of a file, not ''."],
      [':memory:', {}, "path must be the path of a file, not ':memory:'."],
      [copy, { overwite: true }, "pool.backup() has no option 'overwite'. Did you mean 'overwrite'?"],
      [copy, { overwrite: 1 }, 'overwrite must be true or false, not 1.'],
      [copy, { progress: true }, 'progress must be a function, not true.'],
      [copy, { signal: {} }, 'signal must be an AbortSignal, not an object (Object).'],
      [copy, { timeout: 0 }, 'timeout must be more than 0 milliseconds, or Infinity for no limit, not 0.'],
    ] as const)
      expect((await failureOf(pool.backup(path as string, options as object))).message).to.equal(message);
    expect(names()).to.deep.equal([]);
  });
});
