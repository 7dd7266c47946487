import type { Line } from './lines.js';
import type { Machine } from './machine.js';
import type { Measurement } from './trial.js';

/** All that a bench has found: what `--json` prints and the report is made of. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  /** Runs of each contender. */
  readonly runs: number;
  /** How long each of them measured. */
  readonly seconds: number;
  readonly trials: readonly TrialResult[];
  readonly lines: readonly Line[];
}

export interface TrialResult {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  readonly advice?: string;
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult {
  readonly key: string;
  readonly title: string;
  readonly isPool: boolean;
  readonly runs: readonly Measurement[];
}
