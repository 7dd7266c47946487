import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement, Setting, Trial } from './trial.js';

const LIMIT = 60_000;
const run = fileURLToPath(new URL('./run.js', import.meta.url));

/** A run that ended without a measurement. */
export class RunFailedError extends Error {
  constructor(trial: string, contender: string, reason: string) {
    super(`The run of ${contender} in ${trial} failed: ${reason.trim()}`);
  }
}

/** Measures once, in a process that has done nothing else. */
export function measureInFreshProcess(
  trial: Trial,
  key: string,
  setting: Setting,
  flags: readonly string[] = [],
): Promise<Measurement> {
  const ownFlags = trial.contenders[key]?.flags ?? [];
  const command = [process.execPath, ...ownFlags, ...flags, run, trial.name, key, JSON.stringify(setting)];
  const [file = '', ...args] = trial.isPinned ? ['taskset', '-c', '0', ...command] : command;
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: LIMIT, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const refuse = (reason: string) => reject(new RunFailedError(trial.name, key, reason));
      if (error)
        return refuse(error.killed ? `it took more than ${LIMIT / 1_000} s\n${stderr}` : stderr || error.message);
      try {
        resolve(JSON.parse(stdout) as Measurement);
      } catch {
        refuse(`it printed no measurement, but: ${stdout}${stderr}`);
      }
    });
  });
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
