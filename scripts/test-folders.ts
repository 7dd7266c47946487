import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FolderRun {
  readonly folder: string;
  /** What its Mocha printed. */
  readonly output: string;
  readonly passed: number;
  /** At least 1 where its Mocha did not end well. */
  readonly failed: number;
}

export interface FolderOptions {
  /** The folder of .mocharc.json, in which they run. */
  readonly cwd: string;
  /** How many run beside each other. */
  readonly jobs: number;
  /** Runs those tests alone whose full name has this. */
  readonly grep?: string | undefined;
  /** Told of each when it has ended. */
  readonly onEnd: (run: FolderRun) => void;
  /** Ends those that run, which fails them, and starts no other. */
  readonly signal?: AbortSignal;
}

/**
 * Runs each folder of compiled tests in a Mocha of its own, in this order. Mocha's parallel mode ends its workers itself:
 * tests that never end, or reject after the last of them, would pass there.
 */
export async function runFolders(folders: readonly string[], options: FolderOptions): Promise<FolderRun[]> {
  const { jobs, onEnd, signal } = options;
  const settings = settingsOf(options);
  const waiting = [...folders];
  const runs: FolderRun[] = [];
  const job = async (): Promise<void> => {
    for (let folder = waiting.shift(); folder !== undefined && !signal?.aborted; folder = waiting.shift()) {
      const run = await runFolder(folder, settings, options);
      runs.push(run);
      onEnd(run);
    }
  };
  await Promise.all(Array.from({ length: jobs }, job));
  return runs;
}

/** Those of .mocharc.json but its files, to which Mocha would add those that it is given. */
function settingsOf({ cwd, grep }: FolderOptions): string[] {
  const { spec, ...settings } = JSON.parse(readFileSync(join(cwd, '.mocharc.json'), 'utf8'));
  const flags = Object.entries({ ...settings, ...(grep !== undefined && { grep, 'fail-zero': false }) });
  const written = flags.map(([name, value]) =>
    typeof value === 'boolean' ? `--${value ? '' : 'no-'}${name}` : `--${name}=${value}`,
  );
  return ['--no-config', ...written];
}

const MOCHA = join(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js');
/** What test/reporter.ts ends with. */
const COUNT = /^(\d+) passed, (\d+) failed$/gm;

function runFolder(folder: string, settings: readonly string[], { cwd, signal }: FolderOptions): Promise<FolderRun> {
  const args = [MOCHA, ...settings, `${folder}/**/*.test.js`];
  // Tests read what programs print.
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill();
  signal?.addEventListener('abort', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end);
      const [, passed = 0, failed = 0] = ([...output.matchAll(COUNT)].at(-1) ?? []).map(Number);
      resolve({ folder, output: output.replace(COUNT, '').trimEnd(), passed, failed: failed || (code === 0 ? 0 : 1) });
    });
  });
}
