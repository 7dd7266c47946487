import { expect } from 'chai';
import { createPool, type Pool } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { User } from './entities.js';
import { nested } from './units.js';

const plain = 'Send plain data made from it.';
const data = 'Send data, and call the function on its own side.';
const key = 'Send its key, and get it from the session there.';

describe('what cannot cross', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({ database: 'sqlite::memory:', units: new URL('./units.js', import.meta.url) });
  });
  after(() => pool.close());

  for (const [name, value, path, found, wayOut] of [
    ['a function', () => 1, '[0]', 'the function (anonymous)', data],
    ['a class', User, '[0]', 'the function User', data],
    ['a method', { page: { render() {} } }, '[0].page.render', 'the function render', data],
    ['a symbol', { kind: Symbol('kind') }, '[0].kind', 'the symbol Symbol(kind)', 'Send a string.'],
    ['a promise', [Promise.resolve()], '[0][0]', 'a Promise', 'Units are synchronous: await outside of them.'],
    ['a URL', { at: new URL('https://example.org') }, '[0].at', 'a URL', plain],
    ['a WeakMap', new Map([['cache', new WeakMap()]]), "[0].get('cache')", 'a WeakMap', plain],
    ["a Map's key", new Map([[() => 1, 1]]), '[0].key', 'the function (anonymous)', data],
    [
      "a Map's value by an object",
      new Map([[{}, () => 1]]),
      '[0].get(an object (Object))',
      'the function (anonymous)',
      data,
    ],
    ["a Set's item", new Set([1, () => 1]), '[0].item', 'the function (anonymous)', data],
    ['an AbortSignal', { signal: AbortSignal.abort() }, '[0].signal', 'a AbortSignal', plain],
    ['a Blob', [new Blob([])], '[0][0]', 'a Blob', plain],
    ['a generator', (function* () {})(), '[0]', 'a Generator', plain],
    ['an entity', { user: new User({ name: 'Ada' }) }, '[0].user', 'the entity User', key],
    ['an entity in a Set', new Set([new User({ name: 'Ada' })]), '[0].item', 'the entity User', key],
  ] as const) {
    it(`is refused as an argument with the path to it: ${name}`, async () => {
      for (const call of [() => pool.run('echo', [value]), () => pool.plan('echo', [value])]) {
        const error = await failureOf(call);
        expect(error.message).to.equal(
          `The arguments of 'echo'${path} cannot cross between threads: it is ${found}. ${wayOut}`,
        );
        expect(error).to.include({ name: 'NotPortableError', code: 'OFFTHREAD_NOT_PORTABLE', found });
        expect(error.path).to.equal(`The arguments of 'echo'${path}`);
      }
    });
  }

  for (const [name, path, found] of [
    ['function', '', 'the function (anonymous)'],
    ['method', '.page.render', 'the function render'],
    ['symbol', '.kind', 'the symbol Symbol(kind)'],
    ['promise', '.name', 'a Promise'],
    ['url', '[0]', 'a URL'],
    ['weakMap', ".get('cache')", 'a WeakMap'],
    ['mapKey', '.key', 'the function (anonymous)'],
    ['set', '.item', 'the function (anonymous)'],
    ['generator', '.rows', 'a Array Iterator'],
  ] as const) {
    it(`is refused as a result with the path to it: ${name}`, async () => {
      const error = await failureOf(pool.run('hostileResult', [name]));
      const sentence = `The result of 'hostileResult'${path} cannot cross between threads: it is ${found}. `;
      expect(error.message.slice(0, sentence.length)).to.equal(sentence);
      expect(error).to.include({ name: 'NotPortableError', code: 'OFFTHREAD_NOT_PORTABLE' });
    });
  }

  for (const [name, path] of [
    ['mapOfObjects', '.get('],
    ['detached', '.deep[0].buffer'],
    ['errorCause', '.failed'],
  ] as const) {
    it(`is refused with the path to it where only the clone itself notices: ${name}`, async () => {
      const error = await failureOf(pool.run('hostileResult', [name]));
      expect(error).to.have.property('code', 'OFFTHREAD_NOT_PORTABLE');
      expect(error.path)
        .to.match(/^The result of 'hostileResult'/)
        .and.include(path);
    });
  }

  it('is not a key of a Map that has no text', async () => {
    const back = await pool.run('harmlessKeys');
    expect([...back]).to.deep.equal([[{}, 1]]);
  });

  it('may throw by itself: what a getter throws is the error', async () => {
    const error = await failureOf(pool.run('hostileResult', ['getter']));
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'a getter threw');
  });

  for (const levels of [600, 2_500, 20_000]) {
    it(`is what is nested too deep: ${levels} levels are refused, and the lane goes on`, async () => {
      for (const call of [() => pool.run('nest', [levels]), () => pool.run('echo', [nested(levels)])]) {
        const error = await failureOf(call);
        expect(error.message).to.match(
          / cannot cross between threads: it is nested deeper than 500 levels\. Send it flat/,
        );
        expect(error.message.length).to.be.lessThan(300);
        expect(error).to.have.property('code', 'OFFTHREAD_NOT_PORTABLE');
      }
      expect(pool.stats().lanesLost).to.equal(0);
    });
  }

  it('is not what is nested 400 levels deep', async () => {
    expect(await pool.run('echo', [nested(400)])).to.deep.equal(nested(400));
    expect(await pool.run('nest', [400])).to.deep.equal(nested(400));
  });

  it('costs its neighbours in the same batch nothing', async () => {
    const calls = ['function', 'errorCause', 'detached', 'promise'].flatMap((name) => [
      pool.run('echo', [name]),
      pool.run('hostileResult', [name]),
    ]);
    const settled = await Promise.allSettled(calls);
    expect(settled.map((call) => (call.status === 'fulfilled' ? call.value : 'refused'))).to.deep.equal([
      'function',
      'refused',
      'errorCause',
      'refused',
      'detached',
      'refused',
      'promise',
      'refused',
    ]);
    expect(pool.stats().lanesLost).to.equal(0);
  });
});
