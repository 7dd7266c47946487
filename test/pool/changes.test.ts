import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

describe('a query that changes', () => {
  let shop: Shop;
  let pool: Pool;
  before(async () => {
    shop = new Shop(`
      create table item (id integer primary key, name text unique, n integer);
      create table log (line);
      create table word (word text primary key) without rowid;
      create trigger noted after insert on item begin insert into log values (new.name), (new.name); end;
    `);
    pool = await shop.open({ threads: 2 });
  });
  after(() => shop[Symbol.asyncDispose]());
  const items = () => shop.outside.prepare('select id, name, n from item order by id').all();

  it('answers how many rows, and the id of the one that was inserted', async () => {
    expect(await pool.run(sql`insert into item values (7, 'seven', 1)`)).to.deep.equal({ changes: 1, insertId: 7 });
    expect(await pool.run(sql`insert into item (name, n) values ('eight', 1), ('nine', 2)`)).to.deep.equal({
      changes: 2,
      insertId: 9,
    });
    expect(await pool.run(sql`update item set n = n + 1 where id > ${7}`)).to.deep.equal({
      changes: 2,
      insertId: undefined,
    });
    expect(await pool.run(sql`delete from item where id = 9`)).to.deep.equal({ changes: 1, insertId: undefined });
    expect(await pool.run(sql`delete from item where id = 9`)).to.deep.equal({ changes: 0, insertId: undefined });
    expect(items()).to.deep.equal([
      { id: 7, name: 'seven', n: 1 },
      { id: 8, name: 'eight', n: 2 },
    ]);
  });

  it('has an exact id, however large', async () => {
    const id = 2n ** 62n + 1n;
    expect(await pool.run(sql`insert into item (id, name) values (${id}, 'large')`)).to.deep.equal({
      changes: 1,
      insertId: id,
    });
    expect(await pool.run(sql`delete from item where id = ${id}`)).to.include({ changes: 1 });
  });

  for (const [name, text] of [
    ['behind a comment', '/* by hand */ insert into item (name) values (?)'],
    ['behind a comment of a line', '-- by hand\n  insert into item (name) values (?)'],
    ['of replace', 'replace into item (name) values (?)'],
    ['of a common table expression', 'with new as (select ? as name) insert into item (name) select name from new'],
  ] as const) {
    it(`has the id of an insert ${name}`, async () => {
      const [before, after] = text.split('?') as [string, string];
      const query = sql`${sql.raw(before)}${name}${sql.raw(after)}`;
      const answer = await pool.run(query);
      const { id } = shop.outside.prepare('select id from item where name = ?').get(name) as { id: number };
      expect(answer).to.deep.equal({ changes: 1, insertId: id });
    });
  }

  it('has no id of an insert that did nothing, or updated instead, and never one of another query', async () => {
    await pool.run(sql`insert into item values (100, 'hundred', 1)`);
    for (const [query, changes] of [
      [sql`insert or ignore into item values (7, 'seven', 5)`, 0],
      [sql`insert into item values (7, 'seven', 5) on conflict do nothing`, 0],
      [sql`insert into item values (7, 'seven', 5) on conflict (id) do update set n = excluded.n`, 1],
      [sql`insert into item select * from item where 0`, 0],
      [sql`with a as (select 'insert' as x) update item set n = 5 where id = 7`, 1],
      [sql`update item set name = 'insert into' where id = 8`, 1],
    ] as const)
      expect(await pool.run(query)).to.deep.equal({ changes, insertId: undefined });
  });

  it('has no id of a table without rowids', async () => {
    expect(await pool.run(sql`insert into word values ('a')`)).to.deep.equal({ changes: 1, insertId: undefined });
  });

  it('has the id of what an upsert inserted, also where an earlier insert had the same', async () => {
    await pool.run(sql`create table twin (id integer primary key, name text unique, n integer default 0)`);
    const upsert = (name: string) =>
      pool.run(sql`insert into main."twin" (name) values (${name}) on conflict (name) do update set n = n + 1`);
    await pool.run(sql`insert into item (id, name) values (1, 'one')`);
    expect(await upsert('a')).to.deep.equal({ changes: 1, insertId: 1 });
    expect(await upsert('a')).to.deep.equal({ changes: 1, insertId: undefined });
    await pool.run(sql`delete from twin`);
    expect(await upsert('b')).to.deep.equal({ changes: 1, insertId: 1 });
    expect(await upsert('b')).to.deep.equal({ changes: 1, insertId: undefined });
    expect(await pool.run(sql`select * from twin`)).to.deep.equal([{ id: 1, name: 'b', n: 1 }]);
    await pool.run(sql`delete from item where id = 1`);
  });

  it('has no id where there is none, whatever its words and names are', async () => {
    await pool.run(sql`create table "my ""own"" words" (word text primary key) without rowid`);
    await pool.run(sql`insert into item (id, name) values (300, 'before')`);
    expect(await pool.run(sql`insert into "my ""own"" words" values ('a')`)).to.deep.equal({
      changes: 1,
      insertId: undefined,
    });
    expect(
      await pool.run(
        sql`with x(k) as (select 'insert into item') delete from "my ""own"" words" where word = 'a' and 1 in (select 1 from x)`,
      ),
    ).to.deep.equal({ changes: 1, insertId: undefined });
    await pool.run(sql`delete from item where id = 300`);
  });

  it('answers rows where it returns some', async () => {
    expect(
      await pool.run(sql`insert into item values (201, 'a', 1), (202, 'b', ${2n ** 60n}) returning id, n`),
    ).to.deep.equal([
      { id: 201, n: 1 },
      { id: 202, n: 2n ** 60n },
    ]);
    expect(await pool.run(sql`update item set n = 3 where id > 200 returning id, n as now`)).to.deep.equal([
      { id: 201, now: 3 },
      { id: 202, now: 3 },
    ]);
    expect(await pool.run(sql`delete from item where id > 200 returning name`)).to.deep.equal([
      { name: 'a' },
      { name: 'b' },
    ]);
    expect(await pool.run(sql`delete from item where id > 200 returning name`)).to.deep.equal([]);
  });

  it('may define, and changes nothing by that', async () => {
    for (const query of [sql`create table defined (a)`, sql`create index by_a on defined (a)`, sql`drop table defined`])
      expect(await pool.run(query)).to.deep.equal({ changes: 0, insertId: undefined });
  });

  it('is seen by every read after its answer', async () => {
    for (let n = 0; n < 20; n++) {
      await pool.run(sql`update item set n = ${n} where id = 7`);
      expect(await pool.run(sql`select n from item where id = 7`)).to.deep.equal([{ n }]);
    }
  });

  it('that fails changes nothing', async () => {
    const before = items();
    const error = await failureOf(pool.run(sql`insert into item (name) values ('new'), ('seven')`));
    expect(error).to.include({ kind: 'unique', outcome: 'not-committed' });
    expect(items()).to.deep.equal(before);
  });
});
