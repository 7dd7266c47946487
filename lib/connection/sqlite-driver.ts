import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';
import { MissingDriverError } from '../errors.js';
import type { Watch } from './connection.js';

/** better-sqlite3's own object. */
export type SqliteDatabase = Sqlite.Database;
export type SqliteDriver = typeof Sqlite;

const VERSIONS = '^12.11.1 || ^13.0.2';

/** The driver. Not imported but required, so that whoever needs no SQLite needs no better-sqlite3. */
export function loadDriver(): SqliteDriver {
  try {
    return createRequire(import.meta.url)('better-sqlite3');
  } catch (cause) {
    throw new MissingDriverError({ driver: 'better-sqlite3', version: VERSIONS }, { cause });
  }
}

/** Loads the addon on the calling thread: a worker that dies as its only user can crash the process. */
export function preloadSqlite(): void {
  new (loadDriver())(':memory:').close();
}

/** What is known of everything that a thread does with the driver, also behind our back. */
export interface Supervision {
  readonly watch: Watch;
  /** The iterators that are open. */
  readonly iterators: Set<Iterator<unknown>>;
  /** Somebody prepared a COMMIT of his own. */
  mayHaveCommitted: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: methods of whatever arguments are wrapped, not called
type Methods = Record<string, (this: unknown, ...args: any[]) => unknown>;
const COMMIT = /(?:^|;)\s*(?:commit|end|release|rollback)\b/i;
let supervised = false;

/**
 * Watches the driver on this thread. Units get better-sqlite3's own connection, so its prototypes are the one place where all
 * of its calls pass: only there is seen that the thread is inside of one, and which iterators were left open. For a thread
 * that serves one lane; it is not undone.
 */
export function supervise(database: SqliteDatabase, supervision: Supervision): void {
  if (supervised) return;
  supervised = true;
  const { watch, iterators } = supervision;
  const wrap = (methods: Methods, name: string, after?: (self: unknown, result: unknown) => void) => {
    const method = methods[name] as Methods[string];
    methods[name] = function supervisedCall(...args) {
      watch.enter();
      try {
        const result = method.apply(this, args);
        after?.(this, result);
        return result;
      } finally {
        watch.leave();
      }
    };
  };
  const statement = database.prepare('select 1');
  const iterator = statement.iterate();
  const iterating = Object.getPrototypeOf(iterator) as Methods;
  iterator.return?.();
  for (const name of ['run', 'get', 'all']) wrap(Object.getPrototypeOf(statement), name);
  wrap(Object.getPrototypeOf(statement), 'iterate', (_, opened) => iterators.add(opened as Iterator<unknown>));
  wrap(
    iterating,
    'next',
    (self, result) => (result as IteratorResult<unknown>).done && iterators.delete(self as never),
  );
  wrap(iterating, 'return', (self) => iterators.delete(self as never));

  const connection = Object.getPrototypeOf(database) as Methods;
  for (const name of ['exec', 'prepare']) {
    const method = connection[name] as Methods[string];
    connection[name] = function supervisedText(sql, ...rest) {
      if (typeof sql === 'string' && COMMIT.test(sql)) supervision.mayHaveCommitted = true;
      watch.enter();
      try {
        return method.call(this, sql, ...rest);
      } finally {
        watch.leave();
      }
    };
  }
}
