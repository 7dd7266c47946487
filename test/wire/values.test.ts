import { expect } from 'chai';
import { createPool, type Pool } from 'offthread';

const circular: Record<string, unknown> = { name: 'self' };
circular.self = circular;
circular.list = [circular];
const shared = { n: 1 };
const sparse: unknown[] = [1];
sparse[3] = 4;

/** What crosses as it is, both ways. */
const values: Record<string, unknown> = {
  'a text with a lone surrogate and a NUL': 'a\ud800\0',
  'an empty text': '',
  'minus zero': -0,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  'a bigint': 2n ** 200n,
  true: true,
  null: null,
  undefined: undefined,
  'undefined in an object and in an array': { a: undefined, b: [undefined] },
  'a Date': new Date(0),
  'an invalid Date': new Date(Number.NaN),
  'a RegExp': /a(?<b>.)/giu,
  'a Map of Maps': new Map<unknown, unknown>([
    [1, new Map([['a', { b: 2n }]])],
    [{ key: 1 }, new Set([null, Number.NaN])],
  ]),
  'a Set': new Set([1, '1', { one: 1 }]),
  'nested arrays': [[[]], [[1, [2]]]],
  'an ArrayBuffer': Uint8Array.of(1, 2, 3).buffer,
  'a DataView': new DataView(Uint8Array.of(1, 2).buffer),
  'an object with keys that look like numbers': { 2: 'b', 1: 'a', c: 'c' },
  ...Object.fromEntries(
    [
      Int8Array.of(-1),
      Uint8ClampedArray.of(255),
      Uint16Array.of(65_535),
      Float32Array.of(0.5),
      Float64Array.of(-0, Number.NaN),
      BigInt64Array.of(-(2n ** 63n)),
    ].map((array) => [`a ${array.constructor.name}`, array]),
  ),
};

describe('a value', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({ database: 'sqlite::memory:', units: new URL('./units.js', import.meta.url) });
  });
  after(() => pool.close());
  const echo = <T>(value: T): Promise<T> => pool.run('echo', [value]);

  for (const [name, value] of Object.entries(values)) {
    it(`crosses and comes back: ${name}`, async () => {
      const back = await echo(value);
      expect(back).to.deep.equal(value);
      if (typeof value === 'number') expect(Object.is(back, value)).to.equal(true);
      if (typeof value !== 'object' || value === null) return;
      expect(Object.getPrototypeOf(back)).to.equal(Object.getPrototypeOf(value));
      expect(back).to.not.equal(value);
    });
  }

  it('keeps -0 and NaN inside of objects, arrays, Maps and Sets', async () => {
    const back = await echo({ zero: -0, list: [-0], map: new Map([['zero', { z: -0 }]]), nan: [Number.NaN] });
    for (const zero of [back.zero, back.list[0], back.map.get('zero')?.z]) expect(Object.is(zero, -0)).to.equal(true);
    expect(back.nan).to.deep.equal([Number.NaN]);
  });

  it('keeps undefined properties as properties, and holes of an array as holes, however many there are', async () => {
    expect(Object.keys(await echo({ a: undefined }))).to.deep.equal(['a']);
    const back = await echo(sparse);
    expect(back.length).to.equal(4);
    expect(Object.entries(back)).to.deep.equal([
      ['0', 1],
      ['3', 4],
    ]);
    const long: string[] = ['first'];
    long[4_000_000_000] = 'last';
    const longBack = await echo(long);
    expect(longBack.length).to.equal(4_000_000_001);
    expect(Object.entries(longBack)).to.deep.equal([
      ['0', 'first'],
      ['4000000000', 'last'],
    ]);
  });

  it('keeps references: one object stays one, and circles stay circles', async () => {
    const back = await echo({ a: shared, b: [shared], map: new Map([[shared, shared]]), circular });
    expect(back.b[0]).to.equal(back.a);
    expect([...back.map][0]).to.deep.equal([back.a, back.a]);
    expect([...back.map.keys()][0]).to.equal(back.a);
    expect(back.circular.self).to.equal(back.circular);
    expect((back.circular.list as unknown[])[0]).to.equal(back.circular);
    const map = new Map<string, unknown>();
    map.set('me', map);
    const backMap = await echo(map);
    expect(backMap.get('me')).to.equal(backMap);
  });

  it('keeps references between arguments', async () => {
    const both = await pool.run('both', [shared, shared]);
    expect(both).to.deep.equal({ same: true, back: [shared, shared] });
    expect(both.back[0]).to.equal(both.back[1]);
  });

  it('keeps one array of bytes under two views of it', async () => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4);
    const back = await echo({ first: new Uint8Array(buffer, 0, 2), second: new Uint8Array(buffer, 2), buffer });
    expect([back.first, back.second]).to.deep.equal([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    expect(back.first.buffer).to.equal(back.second.buffer).and.equal(back.buffer);
  });

  it('shares what is shared memory', async () => {
    const memory = new Int32Array(new SharedArrayBuffer(8));
    await pool.run('add', [memory, 5]);
    expect(memory[0]).to.equal(5);
  });

  it('has an own property named __proto__ that harms nobody', async () => {
    const evil = JSON.parse(
      '{ "__proto__": { "isAdmin": true }, "constructor": { "prototype": { "isAdmin": true } } }',
    );
    const seen = await pool.run('look', [evil]);
    expect(seen).to.deep.equal({
      tag: '[object Object]',
      isBuffer: false,
      prototype: 'Object',
      keys: ['__proto__', 'constructor'],
    });
    const back = await echo(evil);
    expect(Object.keys(back)).to.deep.equal(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(back)).to.equal(Object.prototype);
    expect([back.isAdmin, ({} as { isAdmin?: true }).isAdmin]).to.deep.equal([undefined, undefined]);
  });

  it('of a class becomes a plain object of its own properties: no getter, no method, no private field', async () => {
    const back = await pool.run('money');
    expect(back).to.deep.equal({ price: { amount: 5 }, prices: new Map([['tea', { amount: 3 }]]) });
    expect(Object.getPrototypeOf(back.price)).to.equal(Object.prototype);
    class Point {
      x = 1;
      get y() {
        return 2;
      }
      norm() {
        return 3;
      }
    }
    expect(await pool.run('look', [new Point()]))
      .to.include({ prototype: 'Object' })
      .and.deep.include({ keys: ['x'] });
    expect(await echo(Object.create(null, { a: { value: 1, enumerable: true } }))).to.deep.equal({ a: 1 });
  });

  it('that is an error keeps its class, fields and cause inside of a result and an argument', async () => {
    const error = Object.assign(new RangeError('too far', { cause: new Error('inner') }), { code: 'FAR', limit: 5n });
    const { failed } = await echo({ failed: error });
    expect(failed).to.be.instanceOf(RangeError).and.include({ message: 'too far', code: 'FAR', limit: 5n });
    expect(failed.cause).to.be.instanceOf(Error).and.have.property('message', 'inner');
  });

  it('is copied when run() is called: what is changed afterwards stays behind', async () => {
    const sent = { list: [1], date: new Date(0), bytes: Buffer.from([1]), map: new Map([['a', { b: 1 }]]) };
    const answer = echo(sent);
    sent.list.push(2);
    sent.date.setTime(5);
    sent.bytes[0] = 9;
    (sent.map.get('a') as { b: number }).b = 9;
    expect(await answer).to.deep.equal({
      list: [1],
      date: new Date(0),
      bytes: Buffer.from([1]),
      map: new Map([['a', { b: 1 }]]),
    });
  });

  it('is a copy on the worker too: what a unit changes in it does not come back', async () => {
    const sent = { list: [1] };
    expect(await pool.run('remember', [sent])).to.equal(2);
    expect(sent).to.deep.equal({ list: [1] });
  });

  it('may be large', async () => {
    const text = 'x'.repeat(1_000_000);
    const list = Array.from({ length: 50_000 }, (_, i) => ({ i, text: `${i}` }));
    expect(await pool.run('length', [text, list, Buffer.alloc(1_000_000)])).to.equal(3);
    const back = await echo(list);
    expect([back.length, back[49_999]]).to.deep.equal([50_000, { i: 49_999, text: '49999' }]);
  });
});
