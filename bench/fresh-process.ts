import { type ExecFileException, execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement, Setting, Trial } from './trial.js';

const execute = promisify(execFile);
const LIMIT = 60_000;
const run = fileURLToPath(new URL('./run.js', import.meta.url));

/** A run that ended without a measurement. */
export class RunFailedError extends Error {
  constructor(trial: string, contender: string, reason: string) {
    super(`The run of ${contender} in ${trial} failed: ${reason.trim()}`);
  }
}

/** Measures once, in a process that has done nothing else. */
export async function measureInFreshProcess(
  trial: Trial,
  key: string,
  setting: Setting,
  flags: readonly string[] = [],
): Promise<Measurement> {
  const ownFlags = trial.contenders[key]?.flags ?? [];
  const command = [process.execPath, ...ownFlags, ...flags, run, trial.name, key, JSON.stringify(setting)];
  const [file = '', ...args] = trial.isPinned ? ['taskset', '-c', '0', ...command] : command;
  const running = execute(file, args, { timeout: LIMIT, maxBuffer: 2 ** 26 });
  // Before the ground goes, which it writes on.
  const kill = () => running.child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  try {
    const { stdout } = await running;
    return JSON.parse(stdout) as Measurement;
  } catch (error) {
    throw new RunFailedError(trial.name, key, reasonOf(error as Partial<ExecFileException>));
  } finally {
    process.off('exit', kill);
  }
}

function reasonOf({ killed, stderr, message }: Partial<ExecFileException>): string {
  if (killed) return `it took more than ${LIMIT / 1_000} s\n${stderr}`;
  return stderr || message || 'for no reason that it told';
}

/** Whether there is util-linux's taskset, which keeps a process and its threads on one core. */
export function canPin(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'taskset'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
