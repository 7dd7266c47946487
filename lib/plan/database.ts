import { resolve } from 'node:path';
import { optionError } from '../errors.js';
import type { DialectName } from './dialect.js';

/** Where the database is and how it is opened: plain data. */
export interface DatabaseLocation {
  readonly dialect: DialectName;
  /** An absolute path, or `:memory:`. */
  readonly path: string;
  readonly synchronous: Synchronous;
  /** Milliseconds that a lock is waited for. */
  readonly busyTimeout: number;
}
export const SYNCHRONOUS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'] as const;
export type Synchronous = (typeof SYNCHRONOUS)[number];

export interface SqliteSettings {
  /** SQLite's `synchronous`; default `'FULL'`: an acknowledged commit survives a power cut. */
  readonly synchronous?: Synchronous;
  /** Milliseconds that a lock of another process is waited for; default 5000. */
  readonly busyTimeout?: number;
}

/** Reads `sqlite:PATH`. What follows the colon is a path and nothing else: `?`, `#` and `%` are letters of it. */
export function parseDatabase(
  database: unknown,
  { synchronous = 'FULL', busyTimeout = 5000 }: SqliteSettings = {},
): DatabaseLocation {
  const allowed = "'sqlite:PATH', such as 'sqlite:shop.db' or 'sqlite::memory:'";
  if (typeof database !== 'string') throw optionError('type', 'database', database, allowed);
  if (/^(mysql|mariadb):/.test(database))
    throw optionError(
      'range',
      'database',
      database.slice(0, database.indexOf(':') + 1),
      `${allowed} (MySQL comes in a later version)`,
    );
  if (!database.startsWith('sqlite:')) throw optionError('range', 'database', database, allowed);
  const path = database.slice('sqlite:'.length);
  if (path === ':memory:') return { dialect: 'sqlite', path, synchronous, busyTimeout };
  // SQLite takes an empty name for a temporary database, which would be gone at the end.
  if (path.trim() === '') throw optionError('range', 'database', database, `${allowed}, with a path after the colon`);
  if (path.includes('\0')) throw optionError('range', 'database', database, 'a path without a NUL character');
  if (path !== path.trimEnd())
    throw optionError(
      'range',
      'database',
      database,
      'a path that does not end with a blank, which the driver would cut off',
    );
  return { dialect: 'sqlite', path: resolve(path), synchronous, busyTimeout };
}
