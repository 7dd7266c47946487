import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

describe('rows', () => {
  let shop: Shop;
  let pool: Pool;
  before(async () => {
    shop = new Shop();
    pool = await shop.open({ threads: 2, maxRows: 100_000 });
  });
  after(() => shop[Symbol.asyncDispose]());

  it('are plain objects, in the order of the columns', async () => {
    const [row] = await pool.run(sql<object>`select 'z' as z, 1 as a, 2 as m`);
    expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
    expect(Object.keys(row as object)).to.deep.equal(['z', 'a', 'm']);
  });

  it('hold every kind of value', async () => {
    shop.outside.exec(`
      create table kinds (i integer, r real, t text, b blob, n, e blob);
      insert into kinds values (9007199254740991, 0.1, 'a''b', x'00ff', null, x'');
    `);
    const rows = await pool.run(sql`select * from kinds`);
    expect(rows).to.deep.equal([
      { i: Number.MAX_SAFE_INTEGER, r: 0.1, t: "a'b", b: Buffer.from([0, 255]), n: null, e: Buffer.alloc(0) },
    ]);
    const [{ b, e }] = rows as [{ b: Buffer; e: Buffer }];
    expect([Buffer.isBuffer(b), b.toString('hex'), Buffer.isBuffer(e)]).to.deep.equal([true, '00ff', true]);
  });

  it('are exact: an integer that a double cannot hold is a bigint, and only that one', async () => {
    const beyond = 2n ** 53n;
    expect(
      await pool.run(sql`
        select ${beyond} as a, ${-beyond} as b, ${beyond - 1n} as c, ${beyond + 1n} as d,
          9223372036854775807 as most, -9223372036854775807 - 1 as least, 9007199254740992.0 as real, 1e300 as huge`),
    ).to.deep.equal([
      {
        a: beyond,
        b: -beyond,
        c: Number.MAX_SAFE_INTEGER,
        d: beyond + 1n,
        most: 2n ** 63n - 1n,
        least: -(2n ** 63n),
        real: 2 ** 53,
        huge: 1e300,
      },
    ]);
  });

  it('of one statement may be exact in one run and plain in the next', async () => {
    const query = (value: bigint) => sql`select ${value} as value`;
    for (const [given, got] of [
      [1n, 1],
      [2n ** 60n, 2n ** 60n],
      [3n, 3],
    ] as const)
      expect(await pool.run(query(given))).to.deep.equal([{ value: got }]);
  });

  it('have the last of several columns of one name', async () => {
    expect(await pool.run(sql`select 1 as x, 2 as y, 3 as x`)).to.deep.equal([{ x: 3, y: 2 }]);
    expect(await pool.run(sql`select u.id, a.id from user u join address a on a.user_id = u.id`)).to.deep.equal([
      { id: 1 },
      { id: 2 },
    ]);
  });

  it('have columns of any name as their own', async () => {
    const names = ['__proto__', 'constructor', 'toString', '', ' ', '1', 'ß🐘', 'a"b', 'length'];
    const columns = sql.join(names.map((name, i) => sql`${i} as ${sql.id(name)}`));
    const [row] = (await pool.run(sql`select ${columns}`)) as [Record<string, unknown>];
    expect(Object.entries(row).sort()).to.deep.equal(names.map((name, i) => [name, i]).sort());
    expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
    expect(({} as Record<string, unknown>).constructor).to.equal(Object);
  });

  it('may have 2,000 columns', async () => {
    const columns = sql.raw(Array.from({ length: 2_000 }, (_, i) => `${i} as c${i}`).join(', '));
    const [row] = (await pool.run(sql`select ${columns}`)) as [Record<string, unknown>];
    expect(Object.keys(row)).to.have.length(2_000);
    expect(row).to.include({ c0: 0, c1999: 1_999 });
  });

  it('may be none', async () => {
    expect(await pool.run(sql`select * from user where 0`)).to.deep.equal([]);
    expect(await pool.run(sql`pragma table_info(no_such_table)`)).to.deep.equal([]);
  });

  it('may be as many as maxRows, and one more is an error and no cut', async () => {
    const count = (n: number) => sql<{ n: number }>`
      with recursive c(n) as (select 1 union all select n + 1 from c where n < ${n}) select n from c`;
    const rows = await pool.run(count(100_000));
    expect(rows).to.have.length(100_000);
    expect(rows.every(({ n }, i) => n === i + 1)).to.equal(true);
    const error = await failureOf(pool.run(count(100_001)));
    expect(error).to.include({ name: 'TooManyRowsError', code: 'OFFTHREAD_TOO_MANY_ROWS', maxRows: 100_000 });
    expect(error.message).to.match(/^The query answers more than maxRows = 100000 rows: \s*with recursive/);
    expect(error.message).to.match(
      /Add a LIMIT, read it bit by bit \(pool\.stream\(query\), or iterate\(\) in a unit\), or raise maxRows\./,
    );
  });

  it('over maxRows are an error of a writing statement too, and nothing of it stays', async () => {
    await using small = new Shop();
    const strict = await small.open({ maxRows: 1 });
    const error = await failureOf(strict.run(sql`update user set name = 'x' returning id`));
    expect(error).to.include({ code: 'OFFTHREAD_TOO_MANY_ROWS', maxRows: 1 });
    expect(await strict.run(sql`select count(*) as n from user where name = 'x'`)).to.deep.equal([{ n: 0 }]);
  });

  it('of many queries at once stay with their callers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        i % 3 === 0
          ? pool.run(sql`select ${`a${i}`} as a`)
          : i % 3 === 1
            ? pool.run(sql`select ${`b${i}`} as b, ${`c${i}`} as c union all select 'x', ${`y${i}`}`)
            : pool.run(sql`select 1 as none where 0`),
      ),
    );
    answers.forEach((rows, i) => {
      if (i % 3 === 0) expect(rows).to.deep.equal([{ a: `a${i}` }]);
      else if (i % 3 === 1)
        expect(rows).to.deep.equal([
          { b: `b${i}`, c: `c${i}` },
          { b: 'x', c: `y${i}` },
        ]);
      else expect(rows).to.deep.equal([]);
    });
  });
});
