import { expect } from 'chai';
import type { Pool } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';
import type * as shopUnits from './units.js';

describe('pool.units', () => {
  let shop: Shop;
  let pool: Pool<typeof shopUnits>;
  before(async () => {
    shop = new Shop();
    pool = await shop.open<typeof shopUnits>({ units: new URL('./units.js', import.meta.url) });
  });
  after(() => shop[Symbol.asyncDispose]());

  it('calls units as functions of their arguments', async () => {
    expect(await pool.units.userName(1)).to.equal('Ada');
    expect(await pool.units.greeting()).to.equal('you by me');
    expect(await pool.units.greeting('them', 'us')).to.equal('them by us');
    expect(await pool.units.orders.place('tea')).to.equal('placed tea');
  });

  it('has the units and namespaces of the module, and nothing that is no unit', () => {
    const names = Object.keys(pool.units);
    expect(names).to.include.members(['userName', 'rename', 'unmarked', 'orders']);
    for (const other of ['LIMIT', 'names', 'Helper', 'User', 'Address']) expect(names).to.not.include(other);
    expect(Object.keys(pool.units.orders)).to.deep.equal(['history', 'place']);
  });

  it('is an object without a prototype, and so are its namespaces', () => {
    expect(Object.getPrototypeOf(pool.units)).to.equal(null);
    expect(Object.getPrototypeOf(pool.units.orders)).to.equal(null);
    for (const name of ['then', 'toString', 'constructor', '__proto__']) {
      expect(name in pool.units, name).to.equal(false);
      expect(name in pool.units.orders, name).to.equal(false);
    }
  });

  it('may be awaited and returned from async functions by mistake', async () => {
    expect(await (pool.units as unknown)).to.equal(pool.units);
    expect(await Promise.resolve(pool.units.orders as unknown)).to.equal(pool.units.orders);
  });

  it('is the same object each time', () => {
    expect(pool.units).to.equal(pool.units);
  });

  it('may be taken apart: its functions need no this', async () => {
    const { userName } = pool.units;
    expect(await Promise.all([1, 2].map((id) => userName(id)))).to.deep.equal(['Ada', 'Grace']);
  });

  it('rejects, and never throws, where a call is wrong', async () => {
    const call = (pool as unknown as Pool).units.userName as (id: unknown) => Promise<unknown>;
    const pending = call(() => 1);
    expect(pending).to.be.instanceOf(Promise);
    expect((await failureOf(pending)).code).to.equal('OFFTHREAD_NOT_PORTABLE');
  });
});
