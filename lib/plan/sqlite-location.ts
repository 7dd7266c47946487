import { resolve } from 'node:path';
import { optionError } from '../errors.js';
import { readObject, readTime } from './option.js';

/** Which file is opened, and how: plain data. */
export interface SqliteLocation {
  readonly dialect: 'sqlite';
  /** An absolute path, or `:memory:`. */
  readonly path: string;
  readonly synchronous: Synchronous;
  /** Milliseconds that a lock is waited for. */
  readonly busyTimeout: number;
}
const SYNCHRONOUS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'] as const;
type Synchronous = (typeof SYNCHRONOUS)[number];

export interface SqliteSettings {
  /** SQLite's `synchronous`; default `'FULL'`: an acknowledged commit survives a power cut. */
  readonly synchronous?: Synchronous;
  /** Milliseconds that a lock of another process is waited for; default 5000. */
  readonly busyTimeout?: number;
}

export const SQLITE = "'sqlite:PATH', such as 'sqlite:shop.db' or 'sqlite::memory:'";

/** Reads `sqlite:PATH`. What follows the colon is a path and nothing else: `?`, `#` and `%` are letters of it. */
export function parseSqlite(database: string, settings: unknown = {}): SqliteLocation {
  const given = readObject('sqlite', settings, ['synchronous', 'busyTimeout']);
  const synchronous = given.synchronous === undefined ? 'FULL' : given.synchronous;
  // It becomes part of a pragma, which binds nothing.
  if (!SYNCHRONOUS.includes(synchronous as Synchronous)) {
    throw optionError('range', 'sqlite.synchronous', synchronous, `one of ${SYNCHRONOUS.join(', ')}`);
  }
  return {
    dialect: 'sqlite',
    path: parsePath(database),
    synchronous: synchronous as Synchronous,
    busyTimeout: readTime('sqlite.busyTimeout', given.busyTimeout, 5_000),
  };
}

function parsePath(database: string): string {
  const refuse = (expected: string) => optionError('range', 'database', database, expected);
  const path = database.slice('sqlite:'.length);
  if (path === ':memory:') return path;
  // SQLite takes an empty name for a temporary database, which would be gone at the end.
  if (path.trim() === '') throw refuse(`${SQLITE}, with a path after the colon`);
  if (path.includes('\0')) throw refuse('a path without a NUL character');
  if (path !== path.trimEnd()) throw refuse('a path that does not end with a blank, which the driver would cut off');
  return resolve(path);
}
