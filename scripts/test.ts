import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type FolderRun, runFolders } from './test-folders.js';

const TESTS = 'dist/test';
/** Those that take longest come first, so that all are over at about the same time. */
const LONGEST = ['lanes', 'mysql', 'examples', 'pool', 'leases', 'orm', 'house'];
/** One more than there are cores, since tests wait a third of their time; with still more, those with an eye on the clock run late. */
const MOST_JOBS = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string', short: 'g' } },
});
const existing = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => file.replace(/[\\/].*/, ''));
const names = new Set([...LONGEST, ...existing]);
for (const name of positionals)
  if (!names.has(name)) throw new RangeError(`There is no folder '${name}' of tests, but ${[...names].join(', ')}.`);

const chosen = [...names].filter((name) => positionals.length === 0 || positionals.includes(name));
// So that what they printed is seen.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const runs = await runFolders(
  chosen.map((name) => `${TESTS}/${name}`),
  {
    cwd: process.cwd(),
    // A server that is given is one for all, and tests change its settings.
    jobs: process.env.OFFTHREAD_TEST_MYSQL === undefined ? Math.min(availableParallelism() + 1, MOST_JOBS) : 1,
    grep: values.grep,
    signal: stop.signal,
    onEnd: ({ output }) => console.log(output),
  },
);

const failing = runs.filter(({ failed }) => failed > 0);
for (const { folder, failed, output } of failing) console.log(`${endOf(output)}\n${folder}: ${failed} failed\n`);
const sum = (of: 'passed' | 'failed') => runs.reduce((total: number, run: FolderRun) => total + run[of], 0);
const [passed, failed] = [sum('passed'), sum('failed')];
if (passed + failed === 0) throw new RangeError(`There is no test whose name has '${values.grep}'.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || stop.signal.aborted ? 1 : 0;

/** Once more what failed, which has long gone by when all folders are through. */
function endOf(output: string): string {
  const lines = output.split('\n');
  const failures = lines.findLastIndex((line) => / \d+ failing/.test(line));
  return lines.slice(failures < 0 ? -20 : failures).join('\n');
}
