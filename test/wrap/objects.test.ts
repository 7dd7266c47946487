import { expect } from 'chai';
import { CallError, NotPortableError, ObjectGoneError, proxy, type Remote } from 'offthread';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';
import type { Basket } from './modules/shop.js';

describe('wrap: objects', () => {
  let door: Door;
  before(async () => {
    door = await Door.open();
  });
  after(() => door[Symbol.asyncDispose]());

  it('a class is constructed there; its methods, properties and getters answer by promises', async () => {
    const basket = await new (door.wrap('shop').Basket)();
    await basket.put('tea');
    expect(await basket.names()).to.deep.equal(['tea']);
    expect(await basket.size).to.equal(1);
    expect(await basket.isOpen).to.equal(true);
  });

  it('a method that returns the object itself answers the same one', async () => {
    const basket = await new (door.wrap('shop').Basket)();
    expect(await basket.put('tea')).to.equal(basket);
  });

  it('an assignment is in time for what is asked next', async () => {
    const basket = await new (door.wrap('shop').Basket)();
    Object.assign(basket, { limit: 1 });
    const [first, second] = await Promise.allSettled([basket.put('tea'), basket.put('milk')]);
    expect(first.status).to.equal('fulfilled');
    expect(second).to.have.nested.property('reason.code', 'TOO_MUCH');
    expect(await basket.limit).to.equal(1);
  });

  it('an assignment that fails is a warning, since nobody awaits it', async () => {
    const basket = await new (door.wrap('shop').Basket)();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    Object.assign(basket, { size: 1 });
    expect(await warned)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .that.includes('only a getter');
  });

  it('static members are there, and factories', async () => {
    const { Basket } = door.wrap('shop');
    const made = await Basket.made;
    const basket = await Basket.of('tea', 'milk');
    expect(await basket.names()).to.deep.equal(['tea', 'milk']);
    expect(await Basket.made).to.equal(made + 1);
  });

  it('an object goes back as an argument, and is itself there', async () => {
    const { Basket, same } = door.wrap('shop');
    const [one, two] = [await Basket.of('tea'), await Basket.of('milk')];
    expect(await one.take(two)).to.equal(2);
    expect(await one.names()).to.deep.equal(['tea', 'milk']);
    expect(await same({ deep: [one] } as never)).to.deep.equal({ deep: [one] });
  });

  it('a function that is returned is called there, and keeps its state', async () => {
    const { counter } = door.wrap('shop');
    const [one, two] = [await counter(), await counter(10)];
    expect([await one(), await one(5), await two()]).to.deep.equal([1, 6, 11]);
  });

  it('an object with methods keeps its `this`, and is used through its properties', async () => {
    const till = await door.wrap('shop').openTill();
    const { pay } = till;
    await pay(5);
    expect(await till.pay(6)).to.equal(11);
    expect(await till.cash).to.equal(11);
    await till.baskets.first.put('tea');
    const first = await till.baskets.first;
    expect(await first.names()).to.deep.equal(['tea']);
  });

  it('within data that is copied, what has methods is lent at its place', async () => {
    const { left, right, count, map } = await door.wrap('shop').pair();
    expect(count).to.equal(2);
    for (const basket of [left, ...right, ...map.values()]) expect(await basket.size).to.equal(0);
  });

  it('data whose class has nothing but conversions is copied', async () => {
    const price = await door.wrap('shop').price(5);
    expect(price).to.deep.equal({ amount: 5 });
  });

  it('a generator is iterated with for await, and its finally runs when that is left', async () => {
    const shop = door.wrap('shop');
    const seen: unknown[] = [];
    for await (const step of await shop.countTo(3)) seen.push(step);
    expect(seen).to.deep.equal([{ i: 1 }, { i: 2 }, { i: 3 }]);
    const before = (await shop.closed).length;
    for await (const _ of await shop.countTo(3)) break;
    expect((await shop.closed).slice(before)).to.deep.equal(['countTo']);
  });

  it('await using disposes of the object there, and it is not used any more', async () => {
    const shop = door.wrap('shop');
    let basket: Remote<Basket>;
    {
      await using mine = await shop.Basket.of('tea', 'milk');
      basket = mine;
    }
    expect((await shop.closed).at(-1)).to.equal('tea+milk');
    const error = await rejection(basket.size);
    expect(error).to.be.instanceOf(ObjectGoneError);
    expect(error.message).to.equal(
      'size of a Basket of shop.js was not run: it has been disposed of. Make another one: the functions and classes of the module itself can be called again.',
    );
    await basket[Symbol.asyncDispose]();
  });

  it('what has no disposal of its own is only given back', async () => {
    const counter = await door.wrap('shop').counter();
    await counter[Symbol.asyncDispose]();
    expect(await rejection(counter())).to.be.instanceOf(ObjectGoneError);
  });

  it('a function, class or method that is not there is named, with what was probably meant', async () => {
    const shop = door.wrap('shop') as unknown as Record<string, (...args: unknown[]) => Promise<unknown>> & {
      Baskt: new () => Promise<unknown>;
      VERSION: new () => Promise<unknown>;
    };
    const basket = (await new (door.wrap('shop').Basket)()) as unknown as Record<string, () => Promise<unknown>>;
    const mistakes: readonly (readonly [call: Promise<unknown> | undefined, text: string])[] = [
      [shop.counte?.(), 'counte() of shop.js: it has no counte. Did you mean counter?'],
      [new shop.Baskt(), 'new Baskt() of shop.js: it has no Baskt. Did you mean Basket?'],
      [new shop.VERSION(), 'new VERSION() of shop.js: VERSION is no class. It has '],
      [basket.naames?.(), 'naames() of a Basket: it has no naames. Did you mean names?'],
    ];
    for (const [call, text] of mistakes) {
      const error = await rejection(call as Promise<unknown>);
      expect(error).to.be.instanceOf(CallError);
      expect(error.message).to.satisfy((message: string) => message.startsWith(text), error.message);
    }
  });

  it('an object of another module stays on its thread', async () => {
    const thing = await new (door.wrap('hazards').Thing)();
    const error = await rejection(door.wrap('shop').same([thing]));
    expect(error).to.be.instanceOf(NotPortableError);
    expect(error.message).to.equal(
      'The arguments of same() of shop.js[0][0] cannot cross between threads: it is a Thing of hazards.js, which is on another thread. Objects meet only on the thread that they were made on.',
    );
  });

  it('an object that is marked with proxy() is called from there', async () => {
    const shop = door.wrap('shop');
    const told: unknown[] = [];
    const teller = proxy({ tell: (text: string) => told.push(text) });
    expect(await shop.useTeller(teller, 'hello')).to.equal(1);
    expect(told).to.deep.equal(['hello']);
  });
});
