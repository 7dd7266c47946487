import { canPin, measureInFreshProcess } from './fresh-process.js';
import { Ground } from './ground.js';
import { linesOf, worstDelay } from './lines.js';
import { describeMachine } from './machine.js';
import { startMysql } from './mysql-server.js';
import type { ContenderResult, Results, TrialResult } from './results.js';
import type { Measurement, Setting, Trial } from './trial.js';

export interface BenchOptions {
  /** Runs of each contender. */
  readonly runs: number;
  readonly seconds: number;
  /** Node's flags for every run. */
  readonly flags: readonly string[];
  readonly onStart: (runs: number) => void;
  readonly onRun: (trial: string, contender: string) => void;
  readonly onRan: () => void;
  readonly onSkip: (sentence: string) => void;
}

/** Measures all of these trials, one run at a time. */
export async function bench(chosen: readonly Trial[], options: BenchOptions): Promise<Results> {
  using ground = new Ground();
  const machine = describeMachine(ground.folder);
  const date = new Date().toISOString();
  const trials = chosen.filter(({ isPinned }) => !isPinned || canPin());
  if (trials.length < chosen.length)
    options.onSkip("The trials on one core are left out: they need util-linux's taskset, and there is none in PATH.");
  const { runs, seconds } = options;
  options.onStart(runs * trials.reduce((sum, { contenders }) => sum + Object.keys(contenders).length, 0));

  const mysql = trials.some(({ needsMysql }) => needsMysql) ? await startMysql() : undefined;
  const setting = { ...ground.setting(seconds), ...(mysql && { mysql }) };
  const results: TrialResult[] = [];
  for (const trial of trials) results.push(await measure(trial, setting, options));
  const delay = worstDelay(results);
  const lines = results.flatMap((result, i) => linesOf(trials[i]!, result));
  return { date, machine, runs, seconds, trials: results, lines: delay ? [...lines, delay] : lines };
}

/** Round by round: what slows the machine down for a while then slows all contenders alike. */
async function measure(trial: Trial, setting: Setting, options: BenchOptions): Promise<TrialResult> {
  const { runs, flags, onRun, onRan } = options;
  const { name, group, title, advice } = trial;
  const measurements = new Map<string, Measurement[]>(Object.keys(trial.contenders).map((key) => [key, []]));
  for (let round = 0; round < runs; round++) {
    for (const [key, measured] of measurements) {
      onRun(name, trial.contenders[key]!.title);
      measured.push(await measureInFreshProcess(trial, key, setting, flags));
      onRan();
    }
  }
  const contenders = Array.from(measurements, ([key, measured]): ContenderResult => {
    const { title, isPool = false } = trial.contenders[key]!;
    return { key, title, isPool, runs: measured };
  });
  return { name, group, title, ...(advice && { advice }), contenders };
}
