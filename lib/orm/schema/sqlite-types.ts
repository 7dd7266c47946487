import type { StoredAs } from '../columns/column-type.js';

/**
 * What each kind of column is called where a table is made on SQLite, where the affinity of a name decides what becomes
 * of a value: a decimal is text, since a number would be rounded, and `json` would make a number of '1'.
 */
export const sqliteTypes: Readonly<Record<StoredAs, 'integer' | 'real' | 'text' | 'blob'>> = {
  integer: 'integer',
  bigint: 'integer',
  real: 'real',
  decimal: 'text',
  text: 'text',
  uuid: 'text',
  boolean: 'integer',
  date: 'text',
  timestamp: 'text',
  json: 'text',
  blob: 'blob',
};
export const storages: readonly string[] = Object.keys(sqliteTypes);
