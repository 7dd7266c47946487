import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const scalars = 'a string, number, bigint, boolean, null, Date or Uint8Array';

describe('sql', () => {
  let shop: Shop;
  let pool: Pool;
  before(async () => {
    shop = new Shop();
    pool = await shop.open({ threads: 2 });
  });
  after(() => shop[Symbol.asyncDispose]());

  const echo = async (value: unknown) => {
    const [row] = await pool.run(sql<{ value: unknown; type: string }>`
      select ${value} as value, typeof(${value}) as type`);
    return row;
  };

  for (const [name, value, stored, type] of [
    ['a text', 'it\'s; -- "quoted" ? 🐘', 'it\'s; -- "quoted" ? 🐘', 'text'],
    ['an empty text', '', '', 'text'],
    ['a text with a NUL', 'a\0b', 'a\0b', 'text'],
    ['an integer', 7, 7, 'real'],
    ['a fraction', -0.5, -0.5, 'real'],
    ['the largest double', Number.MAX_VALUE, Number.MAX_VALUE, 'real'],
    ['Infinity', Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 'real'],
    ['minus zero', -0, -0, 'real'],
    ['a bigint', 7n, 7, 'integer'],
    ['a bigint of 64 bits', -(2n ** 63n), -(2n ** 63n), 'integer'],
    ['true', true, 1, 'real'],
    ['false', false, 0, 'real'],
    ['null', null, null, 'null'],
    ['a Date', new Date('2026-01-31T23:59:59.999Z'), '2026-01-31 23:59:59.999', 'text'],
    ['a Buffer', Buffer.from([0, 255]), Buffer.from([0, 255]), 'blob'],
    ['a Uint8Array', Uint8Array.of(1, 2), Buffer.from([1, 2]), 'blob'],
    ['an empty Buffer', Buffer.alloc(0), Buffer.alloc(0), 'blob'],
  ] as const) {
    it(`binds ${name}`, async () => {
      const row = await echo(value);
      expect(row?.type).to.equal(type);
      expect(Object.is(row?.value, stored) || Buffer.isBuffer(row?.value), String(row?.value)).to.equal(true);
      expect(row?.value).to.deep.equal(stored);
    });
  }

  for (const [name, value, message, type] of [
    ['an object', { id: 7 }, `takes ${scalars}, not an object (Object).`, TypeError],
    ['an array', [1, 2], `takes ${scalars}, not an array of 2.`, TypeError],
    ['undefined', undefined, `takes ${scalars}, not undefined.`, TypeError],
    ['a function', function secret() {}, `takes ${scalars}, not the function secret.`, TypeError],
    ['a symbol', Symbol('s'), `takes ${scalars}, not Symbol(s).`, TypeError],
    ['a Map', new Map(), `takes ${scalars}, not an object (Map).`, TypeError],
    ['a promise', Promise.resolve(1), `takes ${scalars}, not an object (Promise).`, TypeError],
    ['a Float64Array', new Float64Array(1), `takes ${scalars}, not an object (Float64Array).`, TypeError],
    ['NaN', Number.NaN, 'takes no NaN, which SQLite stores as NULL: bind null if that is meant, not NaN.', TypeError],
    ['an invalid Date', new Date(Number.NaN), 'takes a valid Date, not an invalid Date.', RangeError],
    ['a bigint of 65 bits', 2n ** 63n, 'takes a bigint of 64 bits, not 9223372036854775808n.', RangeError],
  ] as const) {
    it(`refuses ${name}, and names its place`, async () => {
      const error = await failureOf(pool.run(sql`select ${1}, ${value}`));
      expect(error.message).to.equal(`Parameter 2 of select ?, ? ${message}`);
      expect(error).to.be.instanceOf(type).and.have.property('code', 'OFFTHREAD_VALUE');
    });
  }

  it('binds values as they are when run() is called', async () => {
    const [bytes, date] = [Buffer.from('before'), new Date(0)];
    const answer = pool.run(sql`select ${bytes} as bytes, ${date} as date`);
    bytes.fill(0);
    date.setFullYear(1999);
    expect(await answer).to.deep.equal([{ bytes: Buffer.from('before'), date: '1970-01-01 00:00:00.000' }]);
  });

  it('takes fragments: references, identifiers, tables, lists, literals, raw text, values and sql itself', async () => {
    const { ref, id, table, join, lit, raw, val } = sql;
    const where = sql`where ${ref('u.id')} in (${join([1, 2])}) and ${raw("u.name <> ''")}`;
    const query = sql`select ${id('u', 'name')}, ${lit(5)} as five, ${val("it's")} as text from ${table('user')} as u ${where} order by 1`;
    expect(await pool.run(query)).to.deep.equal([
      { name: 'Ada', five: 5, text: "it's" },
      { name: 'Grace', five: 5, text: "it's" },
    ]);
    const columns = join([ref('id'), sql`upper(${ref('name')}) as name`], sql`, `);
    expect(await pool.run(sql`select ${columns} from user where id = ${1}`)).to.deep.equal([{ id: 1, name: 'ADA' }]);
  });

  it('quotes what sql.ref, sql.id and sql.table are given', async () => {
    const evil = 'x" from sqlite_master; drop table user; --';
    for (const fragment of [sql.ref(evil), sql.id(evil)])
      expect((await failureOf(pool.run(sql`select ${fragment} from user`))).message).to.match(/no such column/);
    expect((await failureOf(pool.run(sql`select 1 from ${sql.table(evil)}`))).message).to.match(/no such table/);
    expect(await pool.run(sql`select count(*) as n from user`)).to.deep.equal([{ n: 2 }]);
  });

  it('refuses a value inside of a fragment by its place in the whole', async () => {
    const inner = sql`id = ${{ id: 1 }}`;
    expect((await failureOf(pool.run(sql`select * from user where name = ${'Ada'} and ${inner}`))).message).to.equal(
      `Parameter 2 of select * from user where name = ? and id = ? takes ${scalars}, not an object (Object).`,
    );
  });

  it('is put together once for its place in the program, whatever the values', async () => {
    let joined = 0;
    const texts = ['select name from user where id = ', ''];
    const strings = Object.assign([...texts], {
      raw: texts,
      join: (between: string) => {
        joined++;
        return texts.join(between);
      },
    });
    const names = await Promise.all([1, 2, 1].map((id) => pool.run(sql<{ name: string }>(strings, id))));
    expect(names.flat().map(({ name }) => name)).to.deep.equal(['Ada', 'Grace', 'Ada']);
    expect(joined).to.equal(1);
  });

  it('whose text has a place without a value is an error that names it', async () => {
    const error = await failureOf(pool.run(sql`select ? as missing`));
    expect(error.message).to.include('select ? as missing');
    expect(error.code).to.match(/^(OFFTHREAD|SQLITE)_/);
  });

  for (const [what, query, text] of [
    ['two statements', sql`select 1; select 2`, 'select 1; select 2'],
    ['no text', sql``, ''],
    ['blanks', sql`  ;  `, '  ;  '],
    ['a comment only', sql`-- nothing`, '-- nothing'],
  ] as const) {
    it(`is one statement: ${what} is an error that says so`, async () => {
      const error = await failureOf(pool.run(query));
      expect(error.message).to.match(/more than one statement|no statements?/);
      expect(error.message).to.include(text);
      expect(error.code).to.match(/^(OFFTHREAD|SQLITE)_/);
    });
  }

  it('with an error in it is told with its text, never with its values', async () => {
    const error = await failureOf(pool.run(sql`selec ${'a secret'}`));
    expect(error).to.include({
      name: 'DatabaseError',
      code: 'SQLITE_ERROR',
      kind: 'syntax',
      sql: 'selec ?',
      retryable: false,
      outcome: 'not-committed',
      message: 'near "selec": syntax error (SQLITE_ERROR)\n  in: selec ?',
    });
    expect(JSON.stringify(error) + error.stack + (error.cause as Error).stack).to.not.include('a secret');
  });

  it('is the only form of text: a string names a unit, and anything else is told what it could be', async () => {
    const text = await failureOf(pool.run('select 1'));
    expect(text.code).to.equal('OFFTHREAD_UNKNOWN_UNIT');
    expect(text.message).to.match(/ SQL text goes through sql`select …`\.$/);
    for (const [what, shown] of [
      [7, '7'],
      [undefined, 'undefined'],
      [null, 'null'],
      [{ sql: 'select 1' }, 'an object (Object)'],
      [Buffer.from('select 1'), 'an object (Buffer)'],
      [() => 'select 1', 'the function (anonymous)'],
    ]) {
      const error = await failureOf(pool.run(what as unknown as string));
      expect(error.message).to.equal(
        `run() takes a unit's name, a query (sql\`…\` or Kysely's) or a list of plans, not ${shown}. A unit is named: pool.run('userPage', [7]); SQL text goes through sql\`select …\`.`,
      );
      expect(error).to.be.instanceOf(TypeError).and.have.property('code', 'OFFTHREAD_NOT_A_PLAN');
    }
  });

  it('in a list with a hole is refused with it, and nobody else is', async () => {
    const holed: (typeof one)[] = [];
    const one = sql`select 1 as one`;
    holed[1] = one;
    const neighbour = pool.run(one);
    const code = 'OFFTHREAD_NOT_A_PLAN';
    expect(await failureOf(pool.run(holed))).to.include({ code });
    expect(await failureOf(pool.broadcast(holed))).to.include({ code });
    expect(await neighbour).to.deep.equal([{ one: 1 }]);
  });
});
