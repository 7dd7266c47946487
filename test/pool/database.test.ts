import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const sqlite = "'sqlite:PATH', such as 'sqlite:shop.db' or 'sqlite::memory:'";
const allowed = `${sqlite}, or 'mysql://user:password@host:3306/name'`;

describe('a database', () => {
  for (const name of [
    'a blank?mode=memory#100%41%.db',
    'Zürich 数据 🐘.db',
    `quo'te "and";semi:colon\\back.db`,
    ' leading blank.db',
  ]) {
    it(`is the file named ${name}, and nothing else`, async () => {
      await using shop = new Shop();
      mkdirSync(shop.path('folder'));
      const path = `${shop.path('folder')}/${name}`;
      const pool = await shop.open({ database: `sqlite:${path}` });
      await pool.run(sql`create table kept (value)`);
      await pool.run(sql`insert into kept values (7)`);
      await pool.close();
      expect(readdirSync(shop.path('folder'))).to.deep.equal([name]);
      expect(readFileSync(path).subarray(0, 15).toString()).to.equal('SQLite format 3');
    });
  }

  it('is found from the working directory that createPool was called in', async () => {
    await using shop = new Shop();
    const before = process.cwd();
    process.chdir(shop.path('.'));
    const names = ['relative.db', 'file:x.db?mode=memory', ':memory:.db'];
    const opening = names.map((name) => shop.open({ database: `sqlite:./no folder/../${name}` }));
    process.chdir(before);
    for (const pool of await Promise.all(opening)) await pool.close();
    expect(readdirSync(shop.path('.'))).to.include.members(names);
  });

  it('is filled where its file is empty', async () => {
    await using shop = new Shop();
    writeFileSync(shop.path('empty.db'), '');
    const pool = await shop.open({ database: `sqlite:${shop.path('empty.db')}` });
    expect(await pool.run(sql`select count(*) as n from sqlite_master`)).to.deep.equal([{ n: 0 }]);
  });

  for (const [database, type, message] of [
    [undefined, TypeError, `database must be ${allowed}, not undefined.`],
    [null, TypeError, `database must be ${allowed}, not null.`],
    [new URL('sqlite:shop.db'), TypeError, `database must be ${allowed}, not an object (URL).`],
    ['', RangeError, `database must be ${allowed}, not ''.`],
    ['shop.db', RangeError, `database must be ${allowed}, not 'shop.db'.`],
    ['SQLite:shop.db', RangeError, `database must be ${allowed}, not 'SQLite:shop.db'.`],
    // Whatever stands behind a scheme, it may be a password.
    ['postgres://me:secret@host/shop', RangeError, `database must be ${allowed}, not 'postgres://…'.`],
    ['MySQL://me:secret@host/shop', RangeError, `database must be ${allowed}, not 'MySQL://…'.`],
    ['sqlite:', RangeError, `database must be ${sqlite}, with a path after the colon, not 'sqlite:'.`],
    ['sqlite: \t\n', RangeError, `database must be ${sqlite}, with a path after the colon, not 'sqlite: \t\n'.`],
    ['sqlite:a\0b', RangeError, "database must be a path without a NUL character, not 'sqlite:a\0b'."],
    ...[' ', '\n', '\u00a0'].map(
      (blank) =>
        [
          `sqlite:shop.db${blank}`,
          RangeError,
          `database must be a path that does not end with a blank, which the driver would cut off, not 'sqlite:shop.db${blank}'.`,
        ] as const,
    ),
  ] as const) {
    it(`cannot be ${database instanceof URL ? 'a URL' : JSON.stringify(database)}`, async () => {
      const error = await failureOf(createPool({ database: database as string }));
      expect(error.message).to.equal(message);
      expect(error).to.be.instanceOf(type).and.include({ code: 'OFFTHREAD_OPTION', option: 'database' });
    });
  }

  it('in a directory that is missing is an error that says so, and makes none', async () => {
    await using shop = new Shop();
    const error = await failureOf(shop.open({ database: `sqlite:${shop.path('no/such/shop.db')}` }));
    expect(error.message).to.equal(
      `The database ${shop.path('no/such/shop.db')} could not be opened: its directory does not exist: make it first.`,
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'cannot-open', code: 'SQLITE_CANTOPEN' });
    expect(readdirSync(shop.path('.'))).to.not.include('no');
  });

  it('that is a directory is an error that says so', async () => {
    await using shop = new Shop();
    const error = await failureOf(shop.open({ database: `sqlite:${shop.path('.')}` }));
    expect(error.message).to.equal(
      `The database ${shop.path('')} could not be opened: it is a directory, or may not be read or made by this user: check the path and its permissions.`,
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'cannot-open' });
  });

  it('that is another kind of file is an error that says so, and the file stays as it was', async () => {
    await using shop = new Shop();
    const text = 'Dear diary, '.repeat(100);
    writeFileSync(shop.path('diary.txt'), text);
    const error = await failureOf(shop.open({ database: `sqlite:${shop.path('diary.txt')}` }));
    expect(error.message).to.equal(
      `The database ${shop.path('diary.txt')} could not be opened: the file is no SQLite database: check the path, nothing was changed.`,
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'not-a-database', code: 'SQLITE_NOTADB' });
    expect(readFileSync(shop.path('diary.txt'), 'utf8')).to.equal(text);
  });

  it('that cannot be opened, again and again, leaves no file open that a thread was reading', async () => {
    await using shop = new Shop();
    for (let i = 0; i < 10; i++)
      await failureOf(shop.open({ database: `sqlite:${shop.path('no/such/shop.db')}`, threads: 4 }));
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return [];
      }
    });
    expect(open.filter((path) => path.endsWith('.js'))).to.deep.equal([]);
  });
});
