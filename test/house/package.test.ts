import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { pack, unpublishable } from '../../scripts/check-package.js';
import { root } from './page.js';
import { Tree } from './tree.js';

const described = (exports: object) =>
  JSON.stringify({ name: 'shop', version: '1.0.0', license: 'MIT', type: 'module', files: ['dist'], exports });
const entry = (name: string) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
const sound = {
  'dist/index.js': 'export const sell = () => {};',
  'dist/index.d.ts': 'export declare const sell: () => void;',
};

describe('the package', () => {
  it('is found to be sound', async () => {
    using tree = new Tree({ 'package.json': described({ '.': entry('index') }), ...sound });
    expect(await unpublishable(tree.root)).to.deep.equal([]);
  });

  it('is refused with what is not published, has no types, or types that do not resolve', async () => {
    using tree = new Tree({
      'package.json': described({
        '.': entry('index'),
        './inside': { types: './dist/index.d.ts', default: './lib/inside.js' },
        './untyped': './dist/untyped.js',
        './broken': entry('broken'),
      }),
      ...sound,
      'lib/inside.js': 'export const sell = () => {};',
      'dist/untyped.js': 'export const till = 1;',
      'dist/broken.js': 'export const till = 1;',
      'dist/broken.d.ts': "export * from './till';",
      'dist/till.d.ts': 'export declare const till: number;',
    });
    const types = 'package.json: are-the-types-wrong: ';
    const docs = 'see https://github.com/arethetypeswrong/arethetypeswrong.github.io/blob/main/docs/problems';
    expect(await unpublishable(tree.root)).to.deep.equal([
      'package.json: publint: pkg.exports["./inside"].default is ./lib/inside.js but the file does not exist.',
      `${types}./untyped (node16-esm): No types, ${docs}/UntypedResolution.md`,
      `${types}./untyped (bundler): No types, ${docs}/UntypedResolution.md`,
      `${types}/node_modules/shop/dist/broken.d.ts: Internal resolution error, ${docs}/InternalResolutionError.md`,
    ]);
  });

  /** What `import` of an export says where nothing is installed but what has to be. */
  describe('with nothing installed but its dependencies and Kysely', () => {
    const there = ['offthread', 'offthread/orm', 'offthread/kysely', 'offthread/fastify'];
    let tree: Tree;
    /** By its name, what the import of each says: of one process, since none is the other's. */
    let said: Record<string, string>;
    before(async () => {
      tree = new Tree({ 'offthread.tgz': '', 'package.json': '{ "type": "module" }' });
      writeFileSync(join(tree.root, 'offthread.tgz'), await pack(root));
      const folder = join(tree.root, 'node_modules/offthread');
      mkdirSync(folder, { recursive: true });
      execFileSync('tar', ['-xzf', join(tree.root, 'offthread.tgz'), '--strip-components=1', '-C', folder]);
      const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      for (const name of [...Object.keys(dependencies), 'kysely']) {
        const link = join(tree.root, 'node_modules', name);
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(join(root, 'node_modules', name), link);
      }
      const text = `
        const said = {};
        for (const name of ${JSON.stringify([...there, 'offthread/otel'])})
          said[name] = await import(name).then((m) => String(Object.keys(m).length > 0), (e) => e.message);
        console.log(JSON.stringify(said));`;
      said = JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '--eval', text], { cwd: tree.root, encoding: 'utf8' }),
      );
    }).timeout(60_000);
    after(() => tree[Symbol.dispose]());

    for (const name of there)
      it(`has ${name}`, () => {
        expect(said[name]).to.equal('true');
      });

    it('lacks for offthread/otel the API that it is for, and names it', () => {
      expect(said['offthread/otel']).to.contain("Cannot find package '@opentelemetry/api'");
    });
  });
}).timeout(60_000);
