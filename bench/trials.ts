import type { Trial } from './trial.js';
import { analytics } from './trials/analytics.js';
import { fairness } from './trials/fairness.js';
import { loop } from './trials/loop.js';
import { memory } from './trials/memory.js';
import { mysql } from './trials/mysql.js';
import { orm } from './trials/orm.js';
import { queue } from './trials/queue.js';
import { oneCore, reads } from './trials/reads.js';
import { request } from './trials/request.js';
import { rows } from './trials/rows.js';
import { units } from './trials/units.js';
import { writes } from './trials/writes.js';

/** Every trial, in the order of the table. */
export const trials: readonly Trial[] = [
  ...reads,
  ...units,
  ...orm,
  ...writes,
  ...rows,
  ...analytics,
  ...loop,
  ...fairness,
  ...queue,
  ...memory,
  ...request,
  ...oneCore,
  ...mysql,
];

/** The trials of these names or groups; where there is none, all that need no server. */
export function select(names: readonly string[]): readonly Trial[] {
  for (const name of names) {
    if (!trials.some((trial) => isCalled(trial, name))) throw new UnknownTrialError(name);
  }
  return trials.filter((trial) =>
    names.length === 0 ? !trial.needsMysql : names.some((name) => isCalled(trial, name)),
  );
}

const isCalled = ({ name, group }: Trial, wanted: string) => wanted === name || wanted === group;

export class UnknownTrialError extends Error {
  constructor(name: string) {
    const groups = [...new Set(trials.map(({ group }) => group))];
    const lines = groups.map((group) => {
      const members = trials.filter((trial) => trial.group === group).map((trial) => trial.name);
      return `  ${group.padEnd(10)} ${members.join(', ')}`;
    });
    super(`There is no trial and no group of trials called '${name}'. There are:\n${lines.join('\n')}`);
  }
}
