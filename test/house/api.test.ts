import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { unreported, writeReports } from '../../scripts/check-api.js';
import { root } from './page.js';
import { Tree } from './tree.js';

const shop = {
  'package.json': JSON.stringify({
    name: 'shop',
    version: '1.0.0',
    type: 'module',
    exports: { '.': { types: './index.d.ts' }, './till': { types: './till.d.ts' }, './package.json': './package.json' },
  }),
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "lib": ["es5"], "types": [] } }',
  'index.d.ts': [
    '/** Sells. */',
    'export declare function sell(count: number, options?: SaleOptions): void;',
    'interface SaleOptions {',
    '    readonly gift?: boolean;',
    '}',
    'export {};',
  ].join('\n'),
  'till.d.ts': "export { sell } from './index.js'; export declare const till: 'open';",
};

/** What is written of it: path to text. */
const reports: Record<string, string> = {};
const WAY_OUT = 'If that is meant, write it down with `npm run api`, and in CHANGELOG.md what it means to users.';

/** A tree with its reports, in which something is changed then. */
function changed(change: (tree: Tree) => void): string[] {
  using tree = new Tree({ ...shop, ...reports });
  change(tree);
  return unreported(tree.root);
}

function replace(path: string, text: string, by: string): void {
  const before = readFileSync(path, 'utf8');
  expect(before).to.contain(text);
  writeFileSync(path, before.replace(text, by));
}

describe('the report of what is exported', () => {
  before(() => {
    using tree = new Tree(shop);
    writeReports(tree.root);
    expect(unreported(tree.root)).to.deep.equal([]);
    for (const name of readdirSync(join(tree.root, 'api')))
      reports[`api/${name}`] = readFileSync(join(tree.root, 'api', name), 'utf8');
  });

  it('has the declarations of each export, and what they need, once', () => {
    const code = (name: string) => reports[`api/${name}.api.md`]?.split('```')[1];
    const sell = 'export function sell(count: number, options?: SaleOptions): void;';
    const options = 'interface SaleOptions {\n    readonly gift?: boolean;\n}';
    expect(code('shop')).to.equal(`ts\n${options}\n\n${sell}\n`);
    expect(code('till')).to.equal(`ts\n${sell}\n\nexport const till: 'open';\n`);
  });

  it('sees a changed signature, in each export that has it', () => {
    const lines = changed((tree) => replace(join(tree.root, 'index.d.ts'), 'count: number', 'count: bigint'));
    expect(lines).to.have.lengthOf(2);
    expect(lines[0]).to.equal(
      [
        'api/shop.api.md: shop does not declare what its report says:',
        '   }',
        '',
        '  -export function sell(count: number, options?: SaleOptions): void;',
        '  +export function sell(count: bigint, options?: SaleOptions): void;',
        '   ```',
        WAY_OUT,
      ].join('\n'),
    );
    expect(lines[1]).to.contain('api/till.api.md: shop/till does not declare what its report says:\n');
  });

  it('sees a change of what is not exported itself', () => {
    const lines = changed((tree) => replace(join(tree.root, 'index.d.ts'), 'gift?: boolean', 'gift: boolean'));
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.contain('\n  -    readonly gift?: boolean;\n  +    readonly gift: boolean;\n');
  });

  it('sees a name that is gone', () => {
    const lines = changed((tree) => replace(join(tree.root, 'till.d.ts'), "export { sell } from './index.js';", ''));
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.contain('\n  -export function sell(count: number, options?: SaleOptions): void;\n');
  });

  it('is there for each export, and for nothing else', () => {
    expect(changed((tree) => rmSync(join(tree.root, 'api/till.api.md')))).to.deep.equal([
      `api/till.api.md: there is no report of shop/till. ${WAY_OUT}`,
    ]);
    const remove = (tree: Tree) => replace(join(tree.root, 'package.json'), '"./till":{"types":"./till.d.ts"},', '');
    expect(changed(remove)).to.deep.equal([`api/till.api.md: there is no such export. ${WAY_OUT}`]);
  });

  it('sees a changed signature of this package, behind what is exported', () => {
    using tree = new Tree({});
    for (const path of ['package.json', 'tsconfig.json', 'api', 'dist/lib'])
      cpSync(join(root, path), join(tree.root, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree.root, 'node_modules'));
    expect(existsSync(join(tree.root, 'lib'))).to.equal(false);
    replace(join(tree.root, 'dist/lib/plan/lease.d.ts'), 'commit(): Promise<void>', 'commit(): Promise<number>');
    const lines = unreported(tree.root);
    expect(lines, lines.join('\n')).to.have.lengthOf(1);
    expect(lines[0]).to.contain('api/offthread.api.md: offthread does not declare what its report says:\n');
    expect(lines[0]).to.contain('\n  -    commit(): Promise<void>;\n  +    commit(): Promise<number>;\n');
  }).timeout(120_000);
}).timeout(60_000);
