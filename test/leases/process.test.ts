import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Stage } from '../lanes/stage.js';

const program = fileURLToPath(new URL('./program.js', import.meta.url));
const warning = 'OffthreadWarning OFFTHREAD_LEASE_FORGOTTEN     at HERE';

/** What each process prints before it ends by itself. */
const scenarios: readonly (readonly [name: string, lines: readonly string[], rows: readonly number[]])[] = [
  ['forgotten', [warning, '2 [ 2 ]'], [2]],
  ['forgotten with something under way', ['done', warning], []],
  ['expired, and nobody was told', ['[]', warning], []],
  ['expired, and somebody was told', ['idle'], []],
  ['kept by its units alone, while they are used', ['1', '2', warning], []],
  ['ended', ['[ 1, 3 ]'], [1, 3]],
  ['open', ['open'], []],
];

describe('leases: one that is forgotten is rolled back, with a warning that shows where it was taken', function () {
  this.timeout(60_000);
  for (const [name, lines, rows] of scenarios)
    it(name, async () => {
      const stage = new Stage();
      try {
        await (await stage.open()).close();
        const args = ['--expose-gc', '--no-warnings', program, name, `sqlite:${stage.file}`];
        const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
        expect(stdout.trim().split('\n').sort()).to.deep.equal([...lines].sort());
        expect(await stage.ids()).to.deep.equal(rows);
      } finally {
        await stage.remove();
      }
    });
});
