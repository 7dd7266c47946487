import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { sequence } from '../mysql/sequence.js';
import { sharedServer } from '../mysql/server.js';
import { failureOf } from './failure.js';
import { type AnyShop, newServerShop } from './shops.js';

const scalars = 'a string, number, bigint, boolean, null, Date or Uint8Array';

describe('a query on a server', () => {
  let shop: AnyShop;
  let pool: Pool;
  let isMariaDb: boolean;
  /** RETURNING is MariaDB's, not MySQL's. */
  const isRefused = async (returning: ReturnType<typeof sql>) =>
    expect(await failureOf(pool.run(returning))).to.include({ code: 'ER_PARSE_ERROR', outcome: 'not-committed' });
  before(async () => {
    isMariaDb = (await sharedServer()).system === 'mariadb';
    shop = await newServerShop();
    await shop.exec('create table item (id bigint primary key auto_increment, name varchar(190) unique, n bigint)');
    pool = await shop.open({ maxRows: 100_000 });
  });
  after(() => shop[Symbol.asyncDispose]());

  describe('has rows that', () => {
    it('are plain objects, in the order of the columns', async () => {
      const [row] = await pool.run(sql<object>`select 'z' as z, 1 as a, 2 as m`);
      expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
      expect(Object.keys(row as object)).to.deep.equal(['z', 'a', 'm']);
    });

    it('hold every kind of value, exactly', async () => {
      const beyond = 2n ** 53n;
      expect(
        await pool.run(sql`
          select ${beyond} as a, ${-beyond} as b, ${beyond - 1n} as c, 18446744073709551615 as most, 0.10 as tenth,
            0.1e0 as real_tenth, 'a''b' as text, x'00ff' as bytes, null as nothing, x'' as none`),
      ).to.deep.equal([
        {
          ...{ a: beyond, b: -beyond, c: Number.MAX_SAFE_INTEGER, most: 2n ** 64n - 1n, tenth: '0.10' },
          ...{ real_tenth: 0.1, text: "a'b", bytes: Buffer.from([0, 255]), nothing: null, none: Buffer.alloc(0) },
        },
      ]);
    });

    it('have the last of several columns of one name', async () => {
      expect(await pool.run(sql`select 1 as x, 2 as y, 3 as x`)).to.deep.equal([{ x: 3, y: 2 }]);
    });

    it('have columns of any name as their own', async () => {
      const names = ['__proto__', 'constructor', 'toString', '1', 'ß', 'a"b', 'a`b', 'length'];
      const columns = sql.join(names.map((name, i) => sql`${i} as ${sql.id(name)}`));
      const [row] = (await pool.run(sql`select ${columns}`)) as [Record<string, unknown>];
      expect(Object.entries(row).sort()).to.deep.equal(names.map((name, i) => [name, i]).sort());
      expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
      expect(({} as Record<string, unknown>).constructor).to.equal(Object);
    });

    it('may have 2,000 columns, or be none', async () => {
      const columns = sql.raw(Array.from({ length: 2_000 }, (_, i) => `${i} as c${i}`).join(', '));
      const [row] = (await pool.run(sql`select ${columns}`)) as [Record<string, unknown>];
      expect(Object.keys(row)).to.have.length(2_000);
      expect(row).to.include({ c0: 0, c1999: 1_999 });
      expect(await pool.run(sql`select * from user where 0`)).to.deep.equal([]);
    });

    it('may be as many as maxRows, and one more is an error and no cut', async () => {
      const count = (n: number) => sql<{ n: number }>`select seq as n from ${sql.raw(sequence(n))}`;
      const rows = await pool.run(count(100_000));
      expect(rows.every(({ n }, i) => n === i + 1)).to.equal(true);
      const told = { name: 'TooManyRowsError', code: 'OFFTHREAD_TOO_MANY_ROWS', maxRows: 100_000 };
      expect(await failureOf(pool.run(count(100_001)))).to.include(told);
    });

    it('are too many of a writing statement too, and nothing of it stays', async () => {
      const count = sql`select count(*) as n from item`;
      const writing = sql`insert into item (n) select seq from ${sql.raw(sequence(100_001))} returning id`;
      if (!isMariaDb) return void (await isRefused(writing));
      const told = { code: 'OFFTHREAD_TOO_MANY_ROWS', maxRows: 100_000 };
      expect(await failureOf(pool.run(writing))).to.include({ ...told, outcome: 'not-committed' });
      expect(await pool.run(count)).to.deep.equal([{ n: 0 }]);
      // Of this one nobody knows: it was asked for outside of a transaction.
      const bare = pool.run(writing, { transaction: false });
      expect(await failureOf(bare)).to.include({ ...told, outcome: 'unknown' });
      await pool.run(sql`truncate table item`);
    });

    it('of many queries at once stay with their callers', async () => {
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          i % 2 === 0 ? pool.run(sql`select ${`a${i}`} as a`) : pool.run(sql`select 1 as none where 0`),
        ),
      );
      expect(answers).to.deep.equal(answers.map((_, i) => (i % 2 === 0 ? [{ a: `a${i}` }] : [])));
    });
  });

  describe('binds', () => {
    for (const [name, value, stored] of [
      ['a text', 'it\'s; -- "quoted" ? 🐘', 'it\'s; -- "quoted" ? 🐘'],
      ['an empty text', '', ''],
      ['a text with a NUL', 'a\0b', 'a\0b'],
      ['an integer', 7, 7],
      ['a fraction', -0.5, -0.5],
      ['the largest double', Number.MAX_VALUE, Number.MAX_VALUE],
      ['a bigint of 64 bits', -(2n ** 63n), -(2n ** 63n)],
      ['a bigint without a sign', 2n ** 64n - 1n, 2n ** 64n - 1n],
      ['true', true, 1],
      ['null', null, null],
      ['a Date', new Date('2026-01-31T23:59:59.999Z'), '2026-01-31 23:59:59.999'],
    ] as const)
      it(name, async () => {
        const [row] = await pool.run(sql<{ value: unknown }>`select ${value} as value`);
        expect(row?.value).to.deep.equal(stored);
      });

    it('a Uint8Array', async () => {
      const bytes = Uint8Array.of(1, 0, 255);
      // MySQL takes bytes that are only selected for a text.
      const [row] = await pool.run(sql<{ value: unknown }>`select ${Uint8Array.of(1, 0)} as value`);
      expect(row?.value).to.deep.equal(isMariaDb ? Buffer.from([1, 0]) : '\x01\0');
      const query = sql<{ value: unknown }>`select cast(${bytes} as binary) as value, hex(${bytes}) as digits`;
      expect(await pool.run(query)).to.deep.equal([{ value: Buffer.from(bytes), digits: '0100FF' }]);
    });

    for (const [name, value, message] of [
      ['an object', { id: 7 }, `takes ${scalars}, not an object (Object).`],
      ['undefined', undefined, `takes ${scalars}, not undefined.`],
      ['NaN', Number.NaN, 'takes'],
      ['a bigint of 65 bits', 2n ** 64n, 'takes a bigint of 64 bits, signed or unsigned'],
    ] as const)
      it(`not ${name}, and names its place`, async () => {
        const error = await failureOf(pool.run(sql`select ${1}, ${value}`));
        expect(error.message).to.include(`Parameter 2 of select ?, ? ${message}`);
        expect(error).to.have.property('code', 'OFFTHREAD_VALUE');
      });

    it('fragments, and quotes names', async () => {
      const { ref, id, table, join, lit } = sql;
      const query = sql`select ${id('u', 'name')}, ${lit(5)} as five from ${table('user')} as u where ${ref('u.id')} in (${join([1, 2])}) order by 1`;
      expect(await pool.run(query)).to.deep.equal([
        { name: 'Ada', five: 5 },
        { name: 'Grace', five: 5 },
      ]);
      const evil = 'x` from dual; drop table user; --';
      for (const fragment of [ref(evil), id(evil)])
        expect(await failureOf(pool.run(sql`select ${fragment} from user`))).to.include({ code: 'ER_BAD_FIELD_ERROR' });
      expect(await shop.names()).to.deep.equal(['Ada', 'Grace']);
    });
  });

  it('is one statement', async () => {
    for (const query of [sql`select 1; select 2`, sql``])
      expect(await failureOf(pool.run(query))).to.include({ name: 'DatabaseError', kind: 'syntax' });
  });

  it('with an error in it is told with its text, never with its values', async () => {
    const error = await failureOf(pool.run(sql`selec ${'a secret'}`));
    expect(error).to.include({ code: 'ER_PARSE_ERROR', kind: 'syntax', sql: 'selec ?', outcome: 'not-committed' });
    expect(JSON.stringify(error) + error.stack + (error.cause as Error).stack).to.not.include('a secret');
  });

  describe('that changes', () => {
    it('answers how many rows, and the id of the first that was inserted', async () => {
      const answers: unknown[] = [];
      for (const query of [
        sql`insert into item values (7, 'seven', 1)`,
        sql`insert into item (name, n) values ('eight', 1), ('nine', 2)`,
        sql`update item set n = n + 1 where id > ${7}`,
        sql`update item set n = n`,
        sql`delete from item where id = 9`,
        sql`delete from item where id = 9`,
        sql`insert ignore into item values (7, 'seven', 5)`,
      ])
        answers.push(await pool.run(query));
      const none = undefined;
      expect(answers).to.deep.equal([
        { changes: 1, insertId: 7 },
        { changes: 2, insertId: 8 },
        { changes: 2, insertId: none, changedRows: 2 },
        { changes: 3, insertId: none, changedRows: 0 },
        { changes: 1, insertId: none },
        { changes: 0, insertId: none },
        { changes: 0, insertId: none },
      ]);
    });

    it('answers rows where it returns some', async () => {
      const writing = sql`insert into item values (201, 'a', 1), (202, 'b', ${2n ** 60n}) returning id, n`;
      if (!isMariaDb) return void (await isRefused(writing));
      expect(await pool.run(writing)).to.deep.equal([
        { id: 201, n: 1 },
        { id: 202, n: 2n ** 60n },
      ]);
    });

    it('may define, and changes nothing by that', async () => {
      for (const text of ['create table defined (a int)', 'create index by_a on defined (a)', 'drop table defined'])
        expect(await pool.run(sql`${sql.raw(text)}`)).to.deep.equal({ changes: 0, insertId: undefined });
    });

    it('is seen by every read after its answer', async () => {
      for (let n = 0; n < 20; n++) {
        await pool.run(sql`update item set n = ${n} where id = 7`);
        expect(await pool.run(sql`select n from item where id = 7`)).to.deep.equal([{ n }]);
      }
    });

    it('and fails changes nothing', async () => {
      const error = await failureOf(pool.run(sql`insert into item (name) values ('new'), ('seven')`));
      expect(error).to.include({ kind: 'unique', outcome: 'not-committed' });
      expect(await pool.run(sql`select count(*) as n from item where name = 'new'`)).to.deep.equal([{ n: 0 }]);
    });
  });
});
