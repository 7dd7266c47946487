import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Stage } from '../lanes/stage.js';

const program = fileURLToPath(new URL('./program.js', import.meta.url));
const warning = 'OffthreadWarning OFFTHREAD_LEASE_FORGOTTEN     at HERE';

/** What is printed in each, and which rows are there behind it: behind the last, when the process has ended by itself. */
const scenarios: readonly (readonly [name: string, lines: readonly string[], rows: readonly number[]])[] = [
  ['forgotten', [warning, '2 [ 2 ]'], [2]],
  ['forgotten with something under way', ['done', warning], []],
  ['expired, and nobody was told', ['[]', warning], []],
  ['expired, and somebody was told', ['idle'], []],
  ['kept by its units alone, while they are used', ['1', '2', warning], []],
  ['ended, and let go', ['40 taken, none kept'], []],
  ['ended', ['[ 1, 3 ]'], [1, 3]],
  ['open', ['open'], []],
];

describe('leases: one that is forgotten is rolled back, with a warning that shows where it was taken', function () {
  this.timeout(60_000);
  const stage = new Stage();
  const printed = new Map<string, string[]>();
  const rowsBehind = new Map<string, unknown[]>();

  before(async () => {
    await (await stage.open({ threads: 1, units: undefined })).close();
    const args = ['--expose-gc', '--no-warnings', program, `sqlite:${stage.file}`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    let lines: string[] = [];
    for (const line of stdout.trim().split('\n')) {
      const [, what, name, rows] = /^(begin|end) (.+?)(?: (\[.*\]))?$/.exec(line) ?? [];
      if (what === 'begin') printed.set(name as string, (lines = []));
      else if (what === 'end') rowsBehind.set(name as string, JSON.parse(rows as string));
      else lines.push(line);
    }
    rowsBehind.set('open', await stage.ids());
  });
  after(() => stage.remove());

  for (const [name, lines, rows] of scenarios)
    it(name, () => {
      expect(printed.get(name)?.sort()).to.deep.equal([...lines].sort());
      expect(rowsBehind.get(name)).to.deep.equal(rows);
    });
});
