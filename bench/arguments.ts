import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [NAME …] [options]

  NAME          a trial or a group of trials; where there is none, all but mysql's
  --runs N      runs of each contender, each in a process of its own (5)
  --seconds N   how long a run measures (0.2)
  --json        print the results as JSON, and write no report: npm run --silent bench -- --json
  --cpu-prof    write a profile of each run's threads to .data/profiles
  --help`;

export interface Arguments {
  readonly names: readonly string[];
  readonly runs: number;
  readonly seconds: number;
  readonly json: boolean;
  readonly profiles: boolean;
  readonly help: boolean;
}

/** @throws TypeError for an option that is none; RangeError for a number that is none */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.2' },
      json: { type: 'boolean', default: false },
      'cpu-prof': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, help, 'cpu-prof': profiles } = values;
  const runs = positive('--runs', values.runs);
  if (!Number.isInteger(runs)) throw new RangeError(`--runs is a whole number, not ${values.runs}`);
  return { names: positionals, runs, seconds: positive('--seconds', values.seconds), json, profiles, help };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${option} is a number above 0, not '${text}'`);
  return value;
}
