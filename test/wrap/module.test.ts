import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { createPool, type ModulePoolOptions, type Pool, WrappedModuleError } from 'offthread';
import { Tree } from '../house/tree.js';
import { rejection } from '../lanes/rejection.js';
import { Door } from './door.js';

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/** A pool, and a folder of modules. */
async function withModules(
  files: Record<string, string>,
  work: (wrap: (name: string) => ReturnType<typeof wrapOf>, pool: Pool, tree: Tree) => Promise<void>,
  options: ModulePoolOptions = {},
): Promise<void> {
  using tree = new Tree(files);
  await using pool = await createPool(options);
  await work((name) => wrapOf(pool, `${tree.root}/${name}`), pool, tree);
}
// biome-ignore lint/suspicious/noExplicitAny: these modules have no types
const wrapOf = (pool: Pool, path: string): any => pool.wrap(path);

describe('wrap: a module', () => {
  it('is found by a URL, its text, or an absolute path', async () => {
    await using door = await Door.open();
    const url = new URL('./modules/shop.js', import.meta.url);
    for (const form of [url, url.href, fileURLToPath(url)]) expect(await door.pool.wrap(form).add(1, 2)).to.equal(3);
    expect(door.pool.stats().lanes[0]).to.include({ role: 'wrapped', state: 'idle', calls: 0, module: 'shop.js' });
  });

  it('that is CommonJS is called by the names that it exports, and by default', async () => {
    const text = `
      class Ledger { entries = []; add(entry) { return this.entries.push(entry); } }
      module.exports = { Ledger, limit: 3, total: (...amounts) => amounts.reduce((sum, each) => sum + each, 0) };`;
    await withModules({ 'legacy.cjs': text }, async (wrap) => {
      const legacy = wrap('legacy.cjs');
      expect(await legacy.total(1, 2)).to.equal(3);
      expect(await legacy.default.total(1, 2)).to.equal(3);
      expect(await legacy.limit).to.equal(3);
      expect(await (await new legacy.Ledger()).add('x')).to.equal(1);
    });
  });

  it('that is CommonJS and exports one object is called by what that has', async () => {
    const text = `
      class Store { #values = new Map(); set(name, value) { this.#values.set(name, value); } get(name) { return this.#values.get(name); } }
      module.exports = Object.freeze(new Store());`;
    await withModules({ 'store.cjs': text }, async (wrap) => {
      const store = wrap('store.cjs');
      await store.set('a', 1);
      expect(await store.get('a')).to.equal(1);
    });
  });

  it('that is no CommonJS is not looked for in its default export', async () => {
    await withModules({ 'm.mjs': 'export default { one: () => 1 };' }, async (wrap) => {
      expect(await wrap('m.mjs').default.one()).to.equal(1);
      expect((await rejection(wrap('m.mjs').one())).message).to.equal('one() of m.mjs: it has no one. It has default.');
    });
  });

  it('may have namespaces, and each path into them', async () => {
    const files = {
      'm.mjs': "export * as orders from './orders.mjs';",
      'orders.mjs': 'export const place = (n) => n;',
    };
    await withModules(files, async (wrap) => {
      expect(await wrap('m.mjs').orders.place(2)).to.equal(2);
      const orders = await wrap('m.mjs').orders;
      expect(await orders.place(3)).to.equal(3);
    });
  });

  it('is one graph: modules that it shares with itself are there once, and wrapped again it is the same', async () => {
    const files = {
      'a.mjs': "import { next } from './state.mjs'; export const a = next; export { next } from './state.mjs';",
      'state.mjs': 'let last = 0; export const next = () => ++last;',
    };
    await withModules(files, async (wrap) => {
      expect([await wrap('a.mjs').a(), await wrap('a.mjs').next()]).to.deep.equal([1, 2]);
    });
  });

  it('that does not exist is an error at once, that names both files', async () => {
    await using door = await Door.open();
    const there = new URL('./modules/nowhere.js', import.meta.url);
    const path = fileURLToPath(there);
    expect(() => door.pool.wrap(there)).to.throw(
      WrappedModuleError,
      `The wrapped module ${path} does not exist, and neither does ${path.replace(/js$/, 'ts')}. Pass the file of the module: pool.wrap(new URL('./dao.js', import.meta.url)).`,
    );
  });

  it(`that is TypeScript ${stripsTypes ? 'runs' : 'is refused where Node cannot run it, and runs where a loader can'}`, async () => {
    const files = { 'package.json': '{ "type": "module" }', 'dao.ts': 'export const one = (): number => 1;' };
    const loader = new URL('../pool/loader.js', import.meta.url).href;
    await withModules(files, async (wrap) => {
      if (stripsTypes) expect(await wrap('dao.js').one()).to.equal(1);
      else expect(() => wrap('dao.js')).to.throw(WrappedModuleError, 'cannot run TypeScript');
    });
    const work = async (wrap: (name: string) => ReturnType<typeof wrapOf>) =>
      expect(await wrap('dao.js').one()).to.equal(1);
    if (!stripsTypes) await withModules(files, work as never, { execArgv: ['--import', loader] });
  });

  it('that cannot be imported rejects each call with the reason, and is imported anew by the next', async () => {
    const text = `
      import { existsSync } from 'node:fs';
      if (!existsSync(new URL('./ready', import.meta.url))) throw new RangeError('not today');
      export const one = () => 1;`;
    await withModules({ 'm.mjs': text }, async (wrap, pool, tree) => {
      for (const call of [wrap('m.mjs').one(), wrap('m.mjs').one()]) {
        const error = await rejection(call);
        expect(error).to.be.instanceOf(WrappedModuleError);
        expect(error.message).to.match(
          /m\.mjs could not be imported \(RangeError: not today\)\. The cause has its stack\.$/,
        );
        expect(error.cause).to.be.instanceOf(RangeError);
      }
      expect(pool.stats()).to.deep.include({ lanes: [], lanesLost: 0, rejected: 2 });
      writeFileSync(`${tree.root}/ready`, '');
      expect(await wrap('m.mjs').one()).to.equal(1);
    });
  });

  it('that has a syntax error says so, and how its place is found', async () => {
    await withModules({ 'm.mjs': 'export const = 1;' }, async (wrap, _pool, { root }) => {
      const { message } = await rejection(wrap('m.mjs').one());
      expect(message).to.include('has a syntax error').and.include(` node --check ${root}/m.mjs shows the place`);
    });
  });

  it('that ends its thread when it is imported rejects the call, and the pool goes on', async () => {
    await withModules({ 'm.mjs': 'process.exit(7);', 'n.mjs': 'export const two = () => 2;' }, async (wrap) => {
      const error = await rejection(wrap('m.mjs').one());
      expect(error).to.include({ code: 'OFFTHREAD_LANE_LOST', reason: 'worker exited with code: 7' });
      expect(await wrap('n.mjs').two()).to.equal(2);
    });
  });

  const url = pathToFileURL('/dao.js');
  const mistakes: readonly (readonly [args: readonly unknown[], message: string])[] = [
    [[], "module must be a file URL or an absolute path, such as new URL('./dao.js', import.meta.url), not undefined."],
    [
      ['./dao.js'],
      "module must be a file URL or an absolute path, such as new URL('./dao.js', import.meta.url), not './dao.js'.",
    ],
    [
      [new URL('https://x.example/dao.js')],
      "module must be a file URL or an absolute path, such as new URL('./dao.js', import.meta.url), not 'https://x.example/dao.js'.",
    ],
    [[url, { lanes: 0 }], 'lanes must be a whole number from 1, not 0.'],
    [[url, { lanes: 65 }], 'lanes must be at most 64, not 65.'],
    [[url, { timeout: 0 }], 'timeout must be more than 0 milliseconds, or Infinity for no limit, not 0.'],
    [[url, { queueTimeout: '5' }], "queueTimeout must be a number of milliseconds, or Infinity, not '5'."],
    [[url, { signal: {} }], 'signal must be an AbortSignal, not an object (Object).'],
    [
      [url, { retries: 1 }],
      "pool.wrap() has no option 'retries'. The options are lanes, signal, timeout, queueTimeout.",
    ],
    [[url, { lane: 1 }], "pool.wrap() has no option 'lane'. Did you mean 'lanes'?"],
  ];
  for (const [args, message] of mistakes) {
    it(`a mistake is told at once: ${message}`, async () => {
      await using door = await Door.open();
      const wrap = door.pool.wrap as unknown as (...args: readonly unknown[]) => unknown;
      expect(() => wrap.call(door.pool, ...args)).to.throw(message);
    });
  }

  it('opens its own database, exact in its values, with its own errors', async () => {
    await using door = await Door.open();
    const dao = door.wrap('dao');
    expect([await dao.add('one'), await dao.add('two')]).to.deep.equal([1, 2]);
    expect(await dao.bodies()).to.deep.equal(['one', 'two']);
    expect(await dao.exact(2n ** 62n, Buffer.from('photo'))).to.deep.equal({
      big: 2n ** 62n,
      photo: Buffer.from('photo'),
      fraction: 1.5,
      empty: null,
    });
    expect(await (await new dao.Notes()).find(1)).to.deep.equal({ id: 1, body: 'one', big: null, photo: null });
    expect(await (await dao.db.prepare('select 1 as one')).get({})).to.deep.equal({ one: 1 });
    const error = await rejection(dao.add('one'));
    expect(error).to.include({ name: 'SqliteError', code: 'SQLITE_CONSTRAINT_UNIQUE' });
    expect(error.stack).to.match(/at Module\.add \(.*dao\.js.*\n {4}-- called from --\n.*module\.test\.js/s);
    await door.pool.close();
    expect(door.scratch.names()).to.deep.equal(['dao.db', 'dao.db.log']);
  });
});

describe('wrap: a pool without a database', () => {
  it('refuses what needs one, and says how to get it', async () => {
    await using pool = await createPool({});
    const { sql } = await import('offthread');
    const rows = async () => {
      for await (const row of pool.stream(sql`select 1`)) expect(row).to.equal(undefined);
    };
    const calls = [
      pool.run(sql`select 1`),
      pool.run([]),
      pool.ping(),
      pool.with({ timeout: 5 }).run(sql`select 1`),
      rows(),
      pool.lease(),
      pool.transaction(async (tx) => await tx.run(sql`select 1`)),
    ];
    for (const call of calls) {
      const error = await rejection(call);
      expect(error).to.include({ name: 'NoDatabaseError', code: 'OFFTHREAD_NO_DATABASE' });
      expect(error.message).to.equal(
        "This pool was made without a database, for wrapped modules only. Give createPool the option database: 'sqlite:shop.db', or a URL of a MySQL server.",
      );
    }
    expect(pool.stats()).to.deep.include({ waiting: 0, running: 0, lanes: [], lanesLost: 0 });
  });

  for (const option of [{ threads: 2 }, { units: '/units.js' }, { sqlite: {} }, { setup: '/s.js' }]) {
    it(`is not made where an option needs one: ${Object.keys(option)}`, async () => {
      expect((await rejection(createPool(option as never))).message).to.match(
        /^database must be 'sqlite:PATH'.*, not undefined\.$/,
      );
    });
  }
});
