import { expect } from 'chai';
import { type Plan, type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { type AnyShop, onEach } from './shops.js';
import type * as shopUnits from './units.js';

const units = new URL('./units.js', import.meta.url);
const setup = new URL('./setups/functions.js', import.meta.url);

onEach('a list of plans', (newShop, dialect) => {
  let shop: AnyShop;
  let pool: Pool<typeof shopUnits>;
  before(async () => {
    shop = await newShop();
    pool = await shop.open<typeof shopUnits>({ units, threads: 2, ...(dialect === 'sqlite' && { setup }) });
    await shop.exec('create table seen (n int)');
  });
  beforeEach(() =>
    shop.exec(
      dialect === 'sqlite' ? 'delete from address' : 'truncate table address',
      "update user set name = case id when 1 then 'Ada' else 'Grace' end",
      "insert into address values (1, 1, 'St James Square'), (2, 1, 'Ockham Park')",
    ),
  );
  after(() => shop[Symbol.asyncDispose]());

  it('answers each of them, in their order', async () => {
    const [renamed, name, changes, rows, inner] = await pool.run([
      pool.plan('rename', [1, 'Lovelace']),
      pool.plan('userName', [1]),
      sql`delete from address where id = ${1}`,
      sql<{ id: number }>`select id from address`,
      pool.plan('orders.place', ['tea']),
    ]);
    expect([renamed, name, changes, rows, inner]).to.deep.equal([
      undefined,
      'Lovelace',
      { changes: 1, insertId: undefined },
      [{ id: 2 }],
      'placed tea',
    ]);
    expect(await shop.names()).to.deep.equal(['Lovelace', 'Grace']);
  });

  it('is one transaction: what one writes the next sees, and nobody else before the end', async () => {
    const insert = sql`insert into seen select count(*) from seen`;
    const count = sql<{ n: number }>`select count(*) as n from seen`;
    const inside = pool.run([insert, count, insert, count]);
    const before = pool.run(count);
    expect((await inside)[3]).to.deep.equal([{ n: 2 }]);
    expect([[{ n: 0 }], [{ n: 2 }]]).to.deep.include(await before);
  });

  for (const [what, last] of [
    ['a query that breaks a rule', () => sql`insert into user (id, name) values (1, 'again')`],
    ['a query with an error', () => sql`insert into nowhere values (1)`],
    ['a unit that throws', () => pool.plan('failing', ['no more'])],
    ['a unit that returns a promise', () => (pool as unknown as Pool).plan('later', ['x'])],
    ['a result that cannot cross', () => pool.plan('notPortable')],
    ['a unit that reads, and writes', () => pool.plan('writingRead')],
  ] as const) {
    it(`is rolled back whole by ${what}`, async () => {
      await failureOf(
        pool.run([pool.plan('rename', [1, 'Changed']), sql`update user set name = 'Changed' where id = 2`, last()]),
      );
      expect(await shop.names()).to.deep.equal(['Ada', 'Grace']);
      expect(await pool.run('userName', [1])).to.equal('Ada');
    });
  }

  it('is refused before anything runs where one of them is no plan', async () => {
    for (const [list, message] of [
      [[pool.plan('rename', [1, 'x']), 'userName'], /not 'userName'\. A unit is named/],
      [[pool.plan('rename', [1, 'x']), undefined], /not undefined\./],
      [[[pool.plan('rename', [1, 'x'])]], /not an array of 1\./],
    ] as const)
      expect((await failureOf(pool.run(list as unknown as Plan[]))).message).to.match(message);
    expect(await shop.names()).to.deep.equal(['Ada', 'Grace']);
  });

  it('may be empty', async () => {
    const none: readonly Plan[] = [];
    expect(await pool.run(none)).to.deep.equal([]);
  });

  (dialect === 'sqlite' ? it : () => {})(
    'of reads runs on a reader, beside a writer who holds the lock; with a write among them on the writer',
    async () => {
      const [reads, writes] = [pool.plan('servedBy'), pool.plan('rename', [1, 'Ada'])];
      await shop.exec('begin immediate');
      expect(await pool.run([reads, pool.plan('userName', [2])])).to.deep.equal(['sqlite reader', 'Grace']);
      await shop.exec('rollback');
      expect(await pool.run([reads, writes, reads])).to.deep.equal(['sqlite writer', undefined, 'sqlite writer']);
    },
  );

  it('may be run again, and so may each of its plans alone', async () => {
    const plan = pool.plan('userName', [2]);
    const insert = sql`insert into address (user_id, street) values (2, 'Arlington')`;
    expect(await pool.run([plan, insert, plan])).to.deep.equal(['Grace', { changes: 1, insertId: 3 }, 'Grace']);
    expect(await pool.run([plan, insert, plan])).to.deep.equal(['Grace', { changes: 1, insertId: 4 }, 'Grace']);
    expect(await pool.run(plan)).to.equal('Grace');
  });

  it('has the arguments that its plans were made with', async () => {
    const user = { name: 'then' };
    const plan = pool.plan('echo', [user]);
    user.name = 'now';
    expect(await pool.run(plan)).to.deep.equal({ name: 'then' });
  });

  it('gives each unit in it a session of its own', async () => {
    expect(
      await pool.run([pool.plan('keepSession'), pool.plan('useKeptSession')]).catch((error) => error.code),
    ).to.equal('OFFTHREAD_SESSION_ENDED');
  });
});
