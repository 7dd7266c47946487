import Database from 'better-sqlite3';
import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { Shop } from './shop.js';

/** A query that was prepared before, with another beside it whose answer stands behind it in the same message. */
async function both(pool: Pool, table: string): Promise<unknown> {
  const [rows, next] = await Promise.all([
    pool.run(sql`select * from ${sql.table(table)}`),
    pool.run(sql`select 7 as seven`),
  ]);
  expect(next).to.deep.equal([{ seven: 7 }]);
  return rows;
}

describe('a table that another connection alters', () => {
  for (const table of ['main.thing', 'archive.thing']) {
    it(`answers with its columns as they are now: ${table}`, async () => {
      await using shop = new Shop();
      const archive = new Database(`${shop.file}.archive`);
      const other = table.startsWith('main') ? shop.outside : archive;
      try {
        other.exec('create table thing (a, b); insert into thing values (1, 2)');
        const pool = await shop.open({ setup: new URL('./setups/attaching.js', import.meta.url) });
        expect(await both(pool, table)).to.deep.equal([{ a: 1, b: 2 }]);
        other.exec('alter table thing rename column a to renamed');
        expect(await both(pool, table)).to.deep.equal([{ renamed: 1, b: 2 }]);
        other.exec('alter table thing add column c default 3');
        expect(await both(pool, table)).to.deep.equal([{ renamed: 1, b: 2, c: 3 }]);
        other.exec('alter table thing drop column b');
        expect(await both(pool, table)).to.deep.equal([{ renamed: 1, c: 3 }]);
        other.exec('drop table thing; create table thing (z, a); insert into thing values (26, 1)');
        expect(await both(pool, table)).to.deep.equal([{ z: 26, a: 1 }]);
      } finally {
        archive.close();
      }
    });
  }

  for (const table of ['main.thing', 'archive.thing']) {
    it(`is streamed with its columns as they are now: ${table}`, async () => {
      await using shop = new Shop();
      const archive = new Database(`${shop.file}.archive`);
      const other = table.startsWith('main') ? shop.outside : archive;
      try {
        other.exec('create table thing (a, b); insert into thing values (1, 2), (3, 4)');
        const pool = await shop.open({ setup: new URL('./setups/attaching.js', import.meta.url) });
        const streamed = async () => {
          const rows: unknown[] = [];
          for await (const row of pool.stream(sql`select * from ${sql.table(table)}`)) rows.push(row);
          return rows;
        };
        const first = { a: 1, b: 2 };
        expect(await streamed()).to.deep.equal([first, { a: 3, b: 4 }]);
        other.exec('alter table thing rename column a to renamed');
        expect(await streamed()).to.deep.equal([
          { renamed: 1, b: 2 },
          { renamed: 3, b: 4 },
        ]);
        other.exec('delete from thing where b = 4; alter table thing add column c default 3');
        expect(await streamed()).to.deep.equal([{ renamed: 1, b: 2, c: 3 }]);
        expect(await both(pool, table)).to.deep.equal([{ renamed: 1, b: 2, c: 3 }]);
        other.exec('alter table thing rename column renamed to a');
        expect(await both(pool, table)).to.deep.equal([{ a: 1, b: 2, c: 3 }]);
        other.exec('drop table thing; create table thing (z, a, b); insert into thing values (26, 1, 2)');
        expect(await streamed()).to.deep.equal([{ z: 26, a: 1, b: 2 }]);
      } finally {
        archive.close();
      }
    });
  }

  it('answers a prepared write with its columns as they are now', async () => {
    await using shop = new Shop();
    const pool = await shop.open();
    const insert = () => pool.run(sql`insert into address (user_id, street) values (1, ${'Lane'}) returning *`);
    expect(await insert()).to.deep.equal([{ id: 3, user_id: 1, street: 'Lane' }]);
    shop.outside.exec("alter table address add column city default 'London'");
    expect(await insert()).to.deep.equal([{ id: 4, user_id: 1, street: 'Lane', city: 'London' }]);
  });
});

describe('a table whose change is undone', () => {
  /** A rename that is seen, and then undone by what fails behind it. */
  const undone = (pool: Pool, to: string) =>
    pool
      .run([
        sql`alter table thing rename column a to ${sql.id(to)}`,
        sql`select * from thing`,
        sql`select * from nowhere`,
      ])
      .catch((error) => error.kind);

  for (const threads of [1, 2]) {
    it(`answers with its columns as they were: ${threads} lanes`, async () => {
      await using shop = new Shop();
      shop.outside.exec('create table thing (a); insert into thing values (1)');
      const pool = await shop.open({ threads });
      // As a write, on the same connection.
      const rows = async () => (await pool.run([sql`update thing set rowid = rowid`, sql`select * from thing`]))[1];
      expect(await rows()).to.deep.equal([{ a: 1 }]);
      expect(await undone(pool, 'b')).to.equal('syntax');
      expect(await rows()).to.deep.equal([{ a: 1 }]);
      // In a group, only its savepoint.
      expect(await Promise.all([rows(), undone(pool, 'c'), rows()])).to.deep.equal([[{ a: 1 }], 'syntax', [{ a: 1 }]]);
      // The schema has the same version as the one that was undone.
      await pool.run(sql`alter table thing rename column a to d`);
      expect(await rows()).to.deep.equal([{ d: 1 }]);
      expect(await pool.run(sql`select * from thing`)).to.deep.equal([{ d: 1 }]);
    });
  }
});

describe('a temporary table', () => {
  it('of the one lane for everything is altered for its readers at once', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ setup: new URL('./setups/functions.js', import.meta.url) });
    const rows = () => pool.run(sql`select * from temp.basket`);
    expect(await rows()).to.deep.equal([{ item: 'pear' }, { item: 'plum' }]);
    await pool.run(sql`alter table temp.basket add column price default 2`);
    expect(await rows()).to.deep.equal([
      { item: 'pear', price: 2 },
      { item: 'plum', price: 2 },
    ]);
  });
});
