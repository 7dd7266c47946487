import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Scratch } from '../scratch.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/kysely.md`, 'utf8');
const blocks = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)];

describe('The page about Kysely', () => {
  it('takes its code from its program, as it stands there', () => {
    expect(page.match(/^```ts$/gm)).to.have.length(blocks.length);
    for (const [, file, code = ''] of blocks) {
      const program = readFileSync(`${root}${file}`, 'utf8');
      for (const part of code.split('// …\n')) expect(program, `${file}: ${part}`).to.include(part);
    }
  });

  it('has a program that does what it says, also a second time', () => {
    const scratch = new Scratch();
    try {
      const run = () =>
        execFileSync(process.execPath, [`${root}dist/examples/kysely/main.js`], {
          cwd: scratch.path,
          encoding: 'utf8',
          timeout: 30_000,
        })
          .trim()
          .split('\n');
      const accounts = ["{ id: 1, ownerName: 'Ada', cents: 300 }", "{ id: 2, ownerName: 'Bob', cents: 200 }"];
      expect(run()).to.deep.equal(['1n', ...accounts]);
      expect(run().slice(0, 2)).to.deep.equal(['3n', "{ id: 1, ownerName: 'Ada', cents: 100 }"]);
      expect(scratch.names()).to.deep.equal(['bank.db']);
    } finally {
      scratch.remove();
    }
  });
});
