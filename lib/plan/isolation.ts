import { optionError } from '../errors.js';

/** What a transaction may see of others, in SQL's own words. */
const ISOLATIONS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export function readIsolation(name: string, value: unknown): Isolation | undefined {
  if (value === undefined) return undefined;
  const isolation = ISOLATIONS.find((each) => each === value);
  if (isolation === undefined) throw optionError('range', name, value, `one of '${ISOLATIONS.join("', '")}'`);
  return isolation;
}
