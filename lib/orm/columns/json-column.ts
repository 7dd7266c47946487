import { valueError } from '../../errors.js';
import type { Refused } from '../../plan/detached.js';
import { isPlainObject } from '../../plan/plain-object.js';
import { type Column, columnOf } from './column.js';
import type { ColumnType } from './column-type.js';

const jsonType: ColumnType<unknown> = {
  name: 'json',
  storedAs: 'json',
  write: (value, place) => {
    let written: string | undefined;
    let loss: Loss | undefined;
    try {
      // First, since it refuses circles.
      written = JSON.stringify(value);
      loss = lossIn(value);
    } catch (cause) {
      throw Object.assign(valueError(place, value, `what JSON can say (${(cause as Error).message})`), { cause });
    }
    if (loss !== undefined) throw valueError(`${place}${loss.path}`, loss.found, 'what JSON can say');
    return written;
  },
  read: (stored, place) => {
    try {
      return JSON.parse(stored as string);
    } catch {
      throw valueError(place, stored, 'JSON in the database');
    }
  },
  same: (a, b) =>
    typeof a === 'string' && typeof b === 'string' && JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b)),
};

/** What JSON would write as something else, without a word: null for NaN, text for a Date, {} for a Map. */
function lossIn(value: unknown): Loss | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const loss = lossIn(value[i]);
      if (loss !== undefined) return { found: loss.found, path: `[${i}]${loss.path}` };
    }
    return undefined;
  }
  if (typeof value !== 'object' || !isPlainObject(value)) return { found: value, path: '' };
  for (const name of Object.keys(value)) {
    const inside = (value as Record<string, unknown>)[name];
    // A property that is undefined is one that is not there, as everybody is used to.
    const loss = inside === undefined ? undefined : lossIn(inside);
    if (loss !== undefined) return { found: loss.found, path: `.${name}${loss.path}` };
  }
  return undefined;
}
interface Loss {
  readonly found: unknown;
  readonly path: string;
}

/**
 * Anything that JSON can say, stored as its text; a change inside of it is noticed at the flush. `json<T>()` types the
 * property, and with another name in SQL that is named too: `json<T, 'data_json'>('data_json')`.
 */
export const json: {
  <const N extends string>(name: N): Column<unknown, false, N, false, string>;
  <T = unknown>(
    name?: Refused<"name it for the types too: json<T, 'name'>('name')">,
  ): Column<T, false, never, false, string>;
  <T, const N extends string>(name: N): Column<T, false, N, false, string>;
} = columnOf(jsonType) as never;
