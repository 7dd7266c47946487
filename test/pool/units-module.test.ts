import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const one = 'export const one = () => 1;\n';
const typed = 'export const one = (): number => 1;\n';
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/** A folder with modules of their own, as a program has that is not compiled yet. */
function write(shop: Shop, files: Record<string, string>): (name: string) => URL {
  const folder = shop.path('modules #1 100%');
  mkdirSync(folder);
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files }))
    writeFileSync(`${folder}/${name}`, text);
  return (name) => pathToFileURL(`${folder}/${name}`);
}

describe('a units module', () => {
  for (const [form, shape] of [
    ['a URL', (at: URL) => at],
    ["a URL's text", (at: URL) => at.href],
    ['an absolute path', fileURLToPath],
  ] as const) {
    it(`may be given as ${form}, with any letters in it`, async () => {
      await using shop = new Shop();
      const at = write(shop, { 'wäre ?.js': one });
      expect(await (await shop.open({ units: shape(at('wäre ?.js')) })).run('one')).to.equal(1);
    });
  }

  for (const [given, there] of [
    ['twin.ts', 'twin.js'],
    ['twin.mts', 'twin.mjs'],
  ] as const) {
    it(`given as ${given} is found as ${there}, where it was compiled`, async () => {
      await using shop = new Shop();
      const at = write(shop, { [there]: one });
      expect(await (await shop.open({ units: at(given) })).run('one')).to.equal(1);
    });
  }

  for (const [given, there] of [
    ['source.js', 'source.ts'],
    ['source.mjs', 'source.mts'],
    ['source.ts', 'source.ts'],
  ] as const) {
    it(`given as ${given} that is there only as ${there} ${stripsTypes ? 'runs' : 'is an error that names the ways out'}`, async () => {
      await using shop = new Shop();
      const at = write(shop, { [there]: typed });
      if (stripsTypes) {
        expect(await (await shop.open({ units: at(given) })).run('one')).to.equal(1);
        return;
      }
      const error = await failureOf(shop.open({ units: at(given) }));
      const [from, to] = [fileURLToPath(at(given)), fileURLToPath(at(there))];
      const node = `Node ${process.versions.node}`;
      expect(error.message).to.equal(
        `The units module ${from} ${
          from === to
            ? `is TypeScript, which ${node} cannot run`
            : `does not exist; ${to} does, but ${node} cannot run TypeScript`
        }. Compile it first, use Node 22.18 or newer, or give the threads a loader: execArgv: ['--import', './loader.js'], a file that calls register() of tsx/esm/api.`,
      );
      expect(error).to.include({ name: 'UnitsModuleError', code: 'OFFTHREAD_UNITS_MODULE' });
    });
  }

  it('in TypeScript runs where execArgv brings a loader for it', async () => {
    await using shop = new Shop();
    const at = write(shop, { 'source.ts': typed });
    const execArgv = ['--import', new URL('./loader.js', import.meta.url).href];
    const pool = await shop.open({ units: at('source.js'), execArgv });
    expect(await pool.run('one')).to.equal(1);
  });

  it('that is missing is an error that names it and its twin', async () => {
    await using shop = new Shop();
    const at = write(shop, {});
    const error = await failureOf(shop.open({ units: at('missing.js') }));
    const path = fileURLToPath(at('missing'));
    expect(error.message).to.equal(
      `The units module ${path}.js does not exist, and neither does ${path}.ts. Pass the file that exports the units: new URL('./units.js', import.meta.url).`,
    );
    expect(error).to.include({ code: 'OFFTHREAD_UNITS_MODULE', module: `${path}.js` });
  });

  for (const [what, text, reason, className] of [
    [
      'has a syntax error',
      'export const one = (;',
      /has a syntax error \(SyntaxError: Unexpected token ';'\)/,
      SyntaxError,
    ],
    [
      'throws while it is imported',
      "throw new RangeError('no config')",
      /could not be imported \(RangeError: no config\)/,
      RangeError,
    ],
    [
      'imports a package that is not installed',
      "import 'no-such-package'",
      /could not be imported \(Error: Cannot find package 'no-such-package' /,
      Error,
    ],
    [
      'imports a name that is not exported',
      "import { nothing } from 'node:fs'",
      /has a syntax error \(SyntaxError: The requested module 'node:fs' does not provide an export named 'nothing'\)/,
      SyntaxError,
    ],
  ] as const) {
    it(`that ${what} is an error that names it, with the cause`, async () => {
      await using shop = new Shop();
      const at = write(shop, { 'broken.js': text });
      const error = await failureOf(shop.open({ units: at('broken.js') }));
      expect(error.message)
        .to.match(reason)
        .and.include(`The units module ${at('broken.js').href} `);
      expect(error).to.include({ name: 'UnitsModuleError', code: 'OFFTHREAD_UNITS_MODULE' });
      expect(error.cause).to.be.instanceOf(className);
      // Of a syntax error the engine's stack has no place.
      if (className !== SyntaxError) expect((error.cause as Error).stack).to.include('broken.js');
    });
  }

  it('that throws what is no error is told too', async () => {
    await using shop = new Shop();
    const error = await failureOf(shop.open({ units: write(shop, { 'broken.js': "throw 'a text'" })('broken.js') }));
    expect(error.message).to.match(/could not be imported \(a text\)/);
    expect(error.cause).to.equal('a text');
  });

  it('may be left out: queries run, and a name is told that there are none', async () => {
    await using shop = new Shop();
    const pool = await shop.open();
    expect(await pool.run(sql`select name from user where id = 1`)).to.deep.equal([{ name: 'Ada' }]);
    expect(Object.keys(pool.units)).to.deep.equal([]);
    const error = await failureOf(pool.run('userName', [1]));
    expect(error.message).to.equal(
      "There is no unit named 'userName'. The pool has no units: pass createPool the option units.",
    );
  });
});
