import { expect } from 'chai';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

describe('wrap: what crosses', () => {
  let door: Door;
  before(async () => {
    door = await Door.open();
  });
  after(() => door[Symbol.asyncDispose]());

  const values: Record<string, unknown> = {
    'a bigint': 2n ** 70n,
    NaN: Number.NaN,
    'minus zero': -0,
    null: null,
    undefined: undefined,
    'a date': new Date(86_400_000),
    'a map of sets': new Map([['a', new Set([1, 2n])]]),
    'a buffer': Buffer.from('bytes'),
    'plain bytes': new Uint8Array([1, 2]),
    'an object of all': { a: [null, { b: Buffer.from('c') }], d: new Date(0), __proto__: null },
  };
  for (const [what, value] of Object.entries(values)) {
    it(`${what} is exactly itself, there and back`, async () => {
      const back = await door.wrap('shop').same(value);
      expect(back).to.deep.equal(value);
      expect(Object.is(back, value) || typeof value === 'object').to.equal(true);
      expect(Buffer.isBuffer(back)).to.equal(Buffer.isBuffer(value));
    });
  }

  it('what stands in two places is one thing, and a circle is one', async () => {
    const part = { name: 'part' };
    const whole: Record<string, unknown> = { left: part, right: part };
    whole.self = whole;
    const back = (await door.wrap('shop').same(whole)) as typeof whole;
    expect(back).to.not.equal(whole);
    expect(back.left).to.equal(back.right);
    expect(back.self).to.equal(back);
  });

  it('arguments are copied at once: what is changed after the call is not seen', async () => {
    const list = [1];
    const same = door.wrap('shop').same(list);
    list.push(2);
    expect(await same).to.deep.equal([1]);
  });

  it("constants are promises, and so is each of an object's properties", async () => {
    const shop = door.wrap('shop');
    expect(await shop.VERSION).to.equal('1.2.3');
    expect(await shop.settings).to.deep.equal({ currency: 'EUR', rates: new Map([['USD', 1.1]]), since: new Date(0) });
    expect(await shop.settings.currency).to.equal('EUR');
    expect(await shop.VERSION.then((version) => version.length)).to.equal(5);
    expect(await (shop as unknown as { nothing: Promise<unknown> }).nothing).to.equal(undefined);
  });

  it('a module is no promise: it may be awaited, passed around, and shown', async () => {
    const shop = door.wrap('shop');
    expect(await shop).to.equal(shop);
    const { inspect } = await import('node:util');
    expect(inspect(shop)).to.equal('[remote shop.js]');
    expect(inspect(shop.Basket)).to.equal('[remote Basket of shop.js]');
    expect(JSON.stringify({ shop })).to.equal('{}');
  });

  it('an async function is awaited there, and others run meanwhile', async () => {
    const shop = door.wrap('shop');
    const settled: string[] = [];
    await Promise.all([
      shop.later('slow').then((text) => settled.push(text)),
      shop.same('quick' as unknown).then((text) => settled.push(String(text))),
    ]);
    expect(settled).to.deep.equal(['quick', 'slow']);
  });

  const refused: readonly (readonly [what: string, value: () => unknown, message: string])[] = [
    [
      'a function',
      () => ({ done: function done() {} }),
      'The arguments of same() of shop.js[0].done cannot cross between threads: it is the function done. Pass proxy(fn), of offthread: it is called where it is, by messages.',
    ],
    [
      'a symbol',
      () => [Symbol('s')],
      'The arguments of same() of shop.js[0][0] cannot cross between threads: it is the symbol Symbol(s). Send a string.',
    ],
    [
      'a promise',
      () => Promise.resolve(),
      'The arguments of same() of shop.js[0] cannot cross between threads: it is a Promise. Await it first.',
    ],
  ];
  for (const [what, value, message] of refused) {
    it(`${what} as an argument is refused at its place, and nothing is called`, async () => {
      const shop = door.wrap('shop');
      const served = () => door.pool.stats().lanes.map((lane) => lane.served);
      await shop.add(1, 2);
      const [before = 0] = served();
      const error = await rejection(shop.same(value()));
      expect(error).to.include({ name: 'NotPortableError', message });
      await shop.add(1, 2);
      expect(served()).to.deep.equal([before + 1]);
    });
  }

  it('a result that cannot cross is an error of that call alone', async () => {
    const shop = door.wrap('shop');
    const [error, sum] = await Promise.all([rejection(shop.oddity()), shop.add(1, 2)]);
    expect(error).to.include({ name: 'NotPortableError', path: 'The result of oddity() of shop.js.when' });
    expect(sum).to.equal(3);
  });
});
