import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { Scratch } from '../scratch.js';
import { Page, root } from './page.js';

// Inside of the package, so that its own name is found; outside of what tsc includes.
const folder = join(root, 'dist/readme');
const { text, blocks } = new Page('README.md');

describe('The README', () => {
  before(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { file, code } of blocks) writeFileSync(join(folder, file), code);
  });

  it('has its code in files that name themselves', () => {
    expect(blocks.map(({ file }) => file)).to.deep.equal([
      'entities.ts',
      'units.ts',
      'main.ts',
      'welcome.ts',
      'schema.ts',
      'stream.ts',
      'mysql.ts',
    ]);
    expect(text.match(/^```ts$/gm)).to.have.length(blocks.length);
  });

  it('has code that compiles, and does what its comments say', function () {
    this.timeout(60_000);
    const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => {},
    } as ts.ParseConfigFileHost);
    const files = blocks.map(({ file }) => join(folder, file));
    const options = {
      ...config?.options,
      rootDir: folder,
      outDir: folder,
      declaration: false,
      declarationMap: false,
      paths: {},
    };
    const program = ts.createProgram(files, options);
    const told = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
    expect(told.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).to.deep.equal([]);

    const scratch = new Scratch();
    try {
      const run = (name: string) =>
        execFileSync(process.execPath, [join(folder, name)], { cwd: scratch.path, encoding: 'utf8', timeout: 30_000 })
          .trim()
          .split('\n');
      expect(run('main.js')).to.deep.equal([
        '2',
        'There is no user 99 99',
        "[ { name: 'Ada' } ]",
        '{ changes: 1, insertId: 2 }',
        'Ada L. (2)',
        'The mailbox is full',
      ]);
      expect(run('stream.js')).to.deep.equal([
        'Ada L.: Ada L. (2)',
        'Grace: Grace (0)',
        'Ada L.',
        'Grace',
        '1',
        '1',
        "[ 'Grace' ]",
      ]);
      expect(scratch.names()).to.deep.equal(['shop.db']);
    } finally {
      scratch.remove();
    }
  });
});
