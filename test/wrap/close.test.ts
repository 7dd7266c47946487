import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PoolClosedError } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: close and destroy', () => {
  const log = (door: Door) => readFileSync(door.scratch.file('dao.db.log'), 'utf8');

  it('close answers what was taken, then runs the close of each module', async () => {
    await using door = await Door.open();
    const [dao, hazards] = [door.wrap('dao'), door.wrap('hazards')];
    await dao.add('one');
    const gate = new Gate();
    const held = hazards.hold(gate.buffer);
    await gate.reached();
    const last = hazards.count();
    let isClosed = false;
    const closing = door.pool.close().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isClosed).to.equal(false);
    gate.open();
    expect([await held, await last]).to.deep.equal(['let go', 1]);
    await closing;
    expect(log(door)).to.equal('closed\n');
    expect(door.scratch.names()).to.deep.equal(['dao.db', 'dao.db.log']);
    expect(door.pool.stats().lanes).to.deep.equal([]);
  });

  it('nothing is taken after close or destroy, from the same turn on', async () => {
    for (const way of ['close', 'destroy'] as const) {
      await using door = await Door.open();
      const shop = door.wrap('shop');
      const basket = await new shop.Basket();
      const closing = door.pool[way]();
      const early = await rejection(shop.add(1, 2));
      await closing;
      for (const [error, what] of [
        [early, 'add() of shop.js'],
        [await rejection(shop.VERSION), 'VERSION of shop.js'],
        [await rejection(new shop.Basket()), 'new Basket() of shop.js'],
        [await rejection(basket.size), 'size of a Basket of shop.js'],
      ] as const) {
        expect(error).to.be.instanceOf(PoolClosedError);
        expect(error.message).to.equal(
          `The pool is closed, so ${what} was not run. Close it after the last call has settled.`,
        );
      }
      expect(() => door.wrap('dao')).to.throw(PoolClosedError);
      await basket[Symbol.asyncDispose]();
    }
  });

  it('close rejects with what the close of a module throws, when all is freed', async () => {
    await using door = await Door.open();
    await door.wrap('hazards').closeBy('throw');
    await door.wrap('dao').add('one');
    expect(await rejection(door.pool.close()))
      .to.be.instanceOf(RangeError)
      .and.include({ message: 'it does not close' });
    expect(log(door)).to.equal('closed\n');
    expect(door.pool.stats().lanes).to.deep.equal([]);
  });

  for (const way of ['never', 'loop'] as const) {
    it(`a module whose close ${way === 'never' ? 'is never done' : 'never returns'} is cut by the timeout`, async () => {
      await using door = await Door.open();
      await door.wrap('hazards').closeBy(way);
      await door.pool.close({ timeout: 100 });
      expect(door.pool.stats().lanes).to.deep.equal([]);
    });
  }

  it('destroy rejects what is left, and runs close where the thread is free to', async () => {
    await using door = await Door.open();
    const [dao, hazards] = [door.wrap('dao'), door.wrap('hazards')];
    await dao.add('one');
    await hazards.count();
    const calls = [hazards.loop(), hazards.count()].map((call) => rejection(call));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await door.pool.destroy();
    for (const error of await Promise.all(calls)) expect(error).to.be.instanceOf(PoolClosedError);
    expect(log(door)).to.equal('closed\n');
  });

  it('a module that was never called was never imported', async () => {
    await using door = await Door.open();
    door.wrap('dao');
    await door.pool.close();
    expect(door.scratch.names()).to.deep.equal([]);
  });
});
