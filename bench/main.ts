import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import progress from 'cli-progress';
import { type Arguments, readArguments, USAGE } from './arguments.js';
import { bench } from './bench.js';
import { RunFailedError } from './fresh-process.js';
import { installPeers } from './peers.js';
import { writeReport } from './report.js';
import { table } from './table.js';
import { select, UnknownTrialError } from './trials.js';

const profiles = fileURLToPath(new URL('../../.data/profiles', import.meta.url));

process.once('SIGINT', () => process.exit(130)); // which lets the ground be cleared

try {
  const given = readArguments(process.argv.slice(2));
  if (given.help) console.log(USAGE);
  else await run(given);
} catch (error) {
  // What the caller can mend, or what a run has said: a stack of the bench itself would only hide it.
  const isExpected = error instanceof UnknownTrialError || error instanceof RunFailedError || isUsage(error);
  console.error(isExpected ? (error as Error).message : error);
  process.exitCode = 1;
}

async function run(given: Arguments): Promise<void> {
  const trials = select(given.names);
  const usesPeers = trials.some(({ contenders }) => Object.values(contenders).some(({ isPeer }) => isPeer));
  if (usesPeers || !given.json) installPeers();
  if (given.profiles) mkdirSync(profiles, { recursive: true });

  const format = 'bench [{bar}] {value}/{total} {duration_formatted}  {trial}, {contender}';
  const bar = new progress.SingleBar({ format, noTTYOutput: true, notTTYSchedule: 10_000, linewrap: true });
  const results = await bench(trials, {
    runs: given.runs,
    seconds: given.seconds,
    flags: given.profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [],
    onStart: (total) => bar.start(total, 0, { trial: 'the database', contender: 'made' }),
    onRun: (trial, contender) => bar.update({ trial, contender }),
    onRan: () => bar.increment(),
    onSkip: (sentence) => console.error(sentence),
  }).finally(() => bar.stop());

  if (given.json) {
    console.log(JSON.stringify(results, undefined, 2));
    return;
  }
  console.log(`\n${table(results.lines)}\n`);
  for (const { name, advice } of results.trials) if (advice) console.log(`${name}: ${advice}`);
  console.log(`Charts: ${await writeReport(results)}`);
  if (given.profiles) console.log(`Profiles: ${profiles}`);
}

function isUsage(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof TypeError && 'code' in error);
}
