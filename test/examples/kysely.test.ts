import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../house/page.js';
import { Scratch } from '../scratch.js';

describe('The program of the page about Kysely', () => {
  it('does what the page says, also a second time', () => {
    const scratch = new Scratch();
    try {
      const run = () =>
        execFileSync(process.execPath, [join(root, 'dist/examples/kysely/main.js')], {
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
