import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { type FolderOptions, type FolderRun, runFolders } from '../../scripts/test-folders.js';
import { root } from './page.js';
import { Tree } from './tree.js';

const SETTINGS = {
  spec: '**/*.test.cjs',
  require: `${root}/dist/test/rejections.js`,
  reporter: `${root}/dist/test/reporter.js`,
  'fail-zero': true,
  exit: false,
};
const tests = (...bodies: string[]) => bodies.map((body, i) => `it('test ${i + 1}', ${body});`).join('\n');
const PASSES = '() => {}';

/** What comes of folders with one file of tests each, in the order in which they ended. */
async function run(
  files: Readonly<Record<string, string>>,
  options: Partial<FolderOptions> = {},
): Promise<FolderRun[]> {
  using tree = new Tree({
    '.mocharc.json': JSON.stringify(SETTINGS),
    'package.json': '{}',
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`${name}/one.test.js`, text])),
  });
  const ended: FolderRun[] = [];
  const onEnd = (folder: FolderRun) => ended.push(folder);
  const runs = await runFolders(Object.keys(files), { cwd: tree.root, jobs: 2, onEnd, ...options });
  expect(runs).to.deep.equal(ended);
  return runs;
}
const counts = (runs: readonly FolderRun[]) =>
  runs.map(({ folder, passed, failed }) => ({ folder, passed, failed })).sort((a, b) => (a.folder < b.folder ? -1 : 1));

describe('the folders of tests', () => {
  it('run each in a Mocha of its own, whose count is told with what it printed', async () => {
    const runs = await run({ east: tests(PASSES, PASSES), west: tests(PASSES), north: tests(PASSES) });
    expect(counts(runs)).to.deep.equal([
      { folder: 'east', passed: 2, failed: 0 },
      { folder: 'north', passed: 1, failed: 0 },
      { folder: 'west', passed: 1, failed: 0 },
    ]);
    for (const { output } of runs) expect(stripVTControlCharacters(output)).to.include('✔ test 1');
  });

  it('fail with a test, with none, and with a file that cannot be loaded', async () => {
    const failing = tests(PASSES, "() => { throw new Error('no sale'); }");
    const runs = await run({ broken: 'it(', empty: '', failing });
    expect(counts(runs)).to.deep.equal([
      { folder: 'broken', passed: 0, failed: 1 },
      { folder: 'empty', passed: 0, failed: 1 },
      { folder: 'failing', passed: 1, failed: 1 },
    ]);
    expect(runs.find(({ folder }) => folder === 'failing')?.output).to.include('no sale');
  });

  it('fail where something is rejected after the last test', async () => {
    const late = `after(() => void setTimeout(() => Promise.reject(new Error('too late')), 50)); ${tests(PASSES)}`;
    const [only] = await run({ late });
    expect(only).to.include({ failed: 1 });
    expect(only?.output).to.include('too late');
  });

  it('fail where they are ended, those that do not end by themselves, and no other is started', async () => {
    const stop = new AbortController();
    process.once('SIGUSR2', () => stop.abort());
    // A few turns after its tests, when their count is printed.
    const tell = "if (++turns === 10) process.kill(process.ppid, 'SIGUSR2');";
    const endless = `let turns = 0; after(() => void setInterval(() => { ${tell} }, 20)); ${tests(PASSES)}`;
    const runs = await run({ endless, never: tests(PASSES) }, { jobs: 1, signal: stop.signal });
    expect(counts(runs)).to.deep.equal([{ folder: 'endless', passed: 0, failed: 1 }]);
    expect(runs[0]?.output).to.include('1 passing');
  });

  it('run the tests alone that are asked for', async () => {
    const runs = await run({ east: tests(PASSES, PASSES), west: tests(PASSES) }, { grep: 'test 2' });
    expect(counts(runs)).to.deep.equal([
      { folder: 'east', passed: 1, failed: 0 },
      { folder: 'west', passed: 0, failed: 0 },
    ]);
  });
});
