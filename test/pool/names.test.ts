import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';
import type * as shopUnits from './units.js';

const units = new URL('./units.js', import.meta.url);

describe('a unit', () => {
  let shop: Shop;
  let pool: Pool;
  let typed: Pool<typeof shopUnits>;
  before(async () => {
    shop = new Shop();
    typed = await shop.open<typeof shopUnits>({ units, threads: 2 });
    pool = typed as unknown as Pool;
  });
  after(() => shop[Symbol.asyncDispose]());

  it('runs by its name, with its arguments, and answers what it returns', async () => {
    expect(await pool.run('userName', [1])).to.equal('Ada');
    expect(await pool.run('userName', [99])).to.equal(undefined);
    expect(await pool.run('unmarked', [1])).to.equal('ada@example.org');
  });

  it('needs no arguments where it has defaults', async () => {
    expect(await pool.run('greeting')).to.equal('you by me');
    expect(await pool.run('greeting', undefined, { timeout: 10_000 })).to.equal('you by me');
    expect(await pool.run('greeting', [undefined, 'them'])).to.equal('you by them');
  });

  it('has committed when it is answered', async () => {
    await pool.run('rename', [2, 'Hopper']);
    expect(shop.outside.prepare('select name from user where id = 2').pluck().get()).to.equal('Hopper');
  });

  it('of an exported namespace has a name of two parts', async () => {
    expect(await typed.run('orders.place', ['tea'])).to.equal('placed tea');
    expect(await typed.units.orders.place('tea')).to.equal('placed tea');
  });

  it('of a namespace that is exported twice has both names', async () => {
    expect(await typed.run('counted.count')).to.equal(3);
    expect(await typed.run('orders.history.count')).to.equal(3);
    expect(await typed.units.counted.count()).to.equal(3);
    expect(await typed.units.orders.history.count()).to.equal(3);
  });

  for (const [name, meant] of [
    ['userNam', 'userName'],
    ['USERNAME', 'userName'],
    ['place', 'orders.place'],
    ['orders.plaice', 'orders.place'],
    ['orders', undefined],
    ['somethingElse', undefined],
    ['', undefined],
    ['LIMIT', undefined],
    ['Helper', undefined],
    ['User', undefined],
    ['names.map', undefined],
    ['toString', undefined],
    ['__proto__', undefined],
  ] as const) {
    it(`is not found as '${name}', and the error helps on`, async () => {
      const error = await failureOf(pool.run(name, [1]));
      const sentence = `There is no unit named '${name}'. `;
      expect(error.message.slice(0, sentence.length)).to.equal(sentence);
      const rest = error.message.slice(sentence.length).replace(/\d+/, '…');
      expect(rest).to.equal(
        meant ? `Did you mean '${meant}'?` : 'The units module exports … units; pool.units lists them.',
      );
      expect(error).to.include({ name: 'UnknownUnitError', code: 'OFFTHREAD_UNKNOWN_UNIT', unit: name });
      expect(await failureOf(() => pool.plan(name, [1]))).to.have.property('message', error.message);
    });
  }

  it('takes its arguments as an array, and says so', async () => {
    for (const args of [7, 'Ada', { timeout: 5 }]) {
      const error = await failureOf(pool.run('userName', args as never));
      expect(error.message).to.equal("The arguments of 'userName' are an array: pool.run('userName', [ … ]).");
      expect(error).to.be.instanceOf(TypeError);
    }
  });

  it('that is a generator is refused with a way out', async () => {
    const error = await failureOf(pool.run('each'));
    expect(error.message).to.equal(
      "The unit 'each' is a generator, and run() answers with one value. Use pool.stream('each', args), or return an array.",
    );
    expect(error).to.include({ name: 'GeneratorUnitError', code: 'OFFTHREAD_GENERATOR_UNIT', unit: 'each' });
  });

  for (const [name, args] of [
    ['later', ['Nobody']],
    ['thenable', []],
    ['hasty', []],
    ['rejecting', []],
    ['asynchronous', []],
  ] as [string, string[]][]) {
    it(`that returns a promise is refused and rolled back: ${name}`, async () => {
      const lost = pool.stats().lanesLost;
      const error = await failureOf(pool.run(name, args));
      expect(error.message).to.equal(
        `The unit '${name}' returned a promise, so its work was rolled back. It is synchronous by design: remove async, and await outside of it.`,
      );
      expect(error).to.include({ name: 'PromiseResultError', code: 'OFFTHREAD_PROMISE_RESULT' });
      expect(await pool.run(sql`select count(*) as n from user`)).to.deep.equal([{ n: 2 }]);
      // Its promise is rejected after its unit, when nobody listens any more: that must not end the thread.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await pool.run([sql`select 1 as one`])).to.deep.equal([[{ one: 1 }]]);
      expect(pool.stats().lanesLost).to.equal(lost);
    });
  }

  it('that returns a query which it did not run is told where that is, and how to end it', async () => {
    for (const [name, path] of [
      ['unfinished', "The result of 'unfinished'"],
      ['unfinishedInside', "The result of 'unfinishedInside'.page.users[1]"],
    ] as const) {
      const error = await failureOf(pool.run(name));
      expect(error.message).to.equal(
        `${path} is a query that was not run. End it with all(), first(), one() or count().`,
      );
      expect(error).to.include({ name: 'UnfinishedQueryError', code: 'OFFTHREAD_UNFINISHED_QUERY', path });
    }
  });

  for (const [name, message] of [
    [
      'unrunSql',
      "The result of 'unrunSql'.rows is a query that was not run. Run it where it was built, and send its rows.",
    ],
    [
      'unrunKysely',
      "The result of 'unrunKysely'.rows is a query that was not run. Run it where it was built, and send its rows.",
    ],
    [
      'wholeSession',
      "The result of 'wholeSession' cannot cross between threads: it is a session. Send what was read with it.",
    ],
  ] as const) {
    it(`that returns what means nothing to its caller is told so: ${name}`, async () => {
      expect((await failureOf(pool.run(name))).message).to.equal(message);
    });
  }

  it('that starts a pool of its own is refused, on the thread and in the module', async () => {
    const pool = await shop.open({ units: new URL('./pool-inside.js', import.meta.url) });
    expect(await pool.run('poolInside')).to.equal(undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const told = await pool.run('poolInsideTold');
    expect(told).to.deep.equal({
      name: 'NestedPoolError',
      code: 'OFFTHREAD_NESTED_POOL',
      message:
        'createPool was called inside a unit, on a worker thread of a pool. A unit has its session: call other units as plain functions with it.',
    });
    const error = await failureOf(shop.open({ units: new URL('./units-with-pool.js', import.meta.url) }));
    expect(error.message).to.match(/could not be imported \(NestedPoolError: createPool was called inside a unit/);
    expect(error.cause).to.have.property('code', 'OFFTHREAD_NESTED_POOL');
  });
});
