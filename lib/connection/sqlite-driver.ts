import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';
import { MissingDriverError } from '../errors.js';
import type { Log, Watch } from './connection.js';
import { bare } from './sqlite-text.js';

/** better-sqlite3's own object. */
export type SqliteDatabase = Sqlite.Database;

const VERSIONS = '^12.11.1 || ^13.0.2';

/** The driver. Not imported but required, so that whoever needs no SQLite needs no better-sqlite3. */
export function loadDriver(): typeof Sqlite {
  try {
    return createRequire(import.meta.url)('better-sqlite3');
  } catch (cause) {
    throw new MissingDriverError({ driver: 'better-sqlite3', version: VERSIONS }, { cause });
  }
}

/** Loads the addon on the calling thread: a worker that dies as its only user can crash the process. */
export function preloadSqlite(): void {
  load(loadDriver());
  warnOfVersion();
}

let isWarned = false;
/** From Node 24 on version 12 aborts the process, in most runs, when a thread is ended that has used it; 13 does not. */
function warnOfVersion(): void {
  const { node } = process.versions;
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json');
  if (isWarned || Number.parseInt(node, 10) < 24 || Number.parseInt(version, 10) > 12) return;
  isWarned = true;
  process.emitWarning(
    `better-sqlite3 ${version} may abort a process of Node ${node} when one of its threads is ended, as that of a unit which hangs is. Install better-sqlite3 13.`,
    { type: 'OffthreadWarning', code: 'OFFTHREAD_DRIVER_VERSION' },
  );
}

/** The same for the driver that some other module would find, if any. */
export function preloadSqliteOf(module: string): void {
  let driver: typeof Sqlite;
  try {
    driver = createRequire(module)('better-sqlite3');
  } catch {
    return;
  }
  load(driver);
}

const load = (driver: typeof Sqlite): void => void new driver(':memory:').close();

/** What is known of everything that a thread does with the driver, also behind our back. */
export interface Supervision {
  readonly watch: Watch;
  /** The iterators that are open. */
  readonly iterators: Set<Iterator<unknown>>;
  /** Somebody ran a COMMIT of his own since the transaction began. */
  mayHaveCommitted: boolean;
  /** We are at work ourselves, undoing perhaps what was given up: no reason to stop. */
  isOurs: boolean;
  /** A unit has the connection itself: what is not ours is the unit's. */
  isLent: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: methods of whatever arguments are wrapped, not called
type Methods = Record<string, (this: unknown, ...args: any[]) => unknown>;
const COMMIT = /(?:^|;)\s*(?:commit|end)\b/i;
const BEGIN = /(?:^|;)\s*(?:begin|savepoint)\b/i;
/** What stands in it is not done now. */
const TRIGGER = /\bcreate\s+(?:temp(?:orary)?\s+)?trigger\b[\s\S]*?\bend\s*(?:;|$)/gi;
/** Whether SQL may end a transaction, and begin another one. */
type Ending = 'none' | 'ends' | 'ends and begins';
function endingOf(sql: string): Ending {
  const text = bare(sql).replace(TRIGGER, ' ');
  if (!COMMIT.test(text)) return 'none';
  return BEGIN.test(text) ? 'ends and begins' : 'ends';
}
const EXECUTIONS: ReadonlySet<string> = new Set(['run', 'get', 'all', 'iterate', 'exec']);

/** A statement of a unit's own on the raw connection. Of one that it steps through nobody knows how many rows it will see. */
function writeDown(log: Log, self: unknown, name: string, args: unknown[], method: Methods[string]): unknown {
  const query = name === 'exec' ? log.begin(String(args[0]), 0) : log.begin((self as Source).source, args.length);
  try {
    const result = method.apply(self, args);
    if (name === 'run') log.end(query, result as { changes: number });
    else if (name === 'all') log.end(query, result as unknown[]);
    else log.end(query, name === 'get' && result !== undefined ? [result] : []);
    return result;
  } catch (error) {
    log.fail(query, error);
    throw error;
  }
}
interface Source {
  readonly source: string;
}

/** Of the lane that the thread serves now; a thread may serve one after the other. */
let current: Supervision | undefined;
let currentDatabase: SqliteDatabase | undefined;

/** A unit may be about to end the transaction by itself; what this answers with is called behind that. */
function beforeEnding(supervision: Supervision, ending: Ending): (() => void) | undefined {
  if (ending === 'none') return undefined;
  const goOn = supervision.watch.commits?.();
  return () => {
    // Where the same transaction is still open it was not ended: the text had it in another sense, or it was refused.
    if (ending === 'ends' && currentDatabase?.inTransaction) goOn?.();
    else supervision.mayHaveCommitted = true;
  };
}

/**
 * Watches the driver on this thread. Units get better-sqlite3's own connection, so its prototypes are the one place where all
 * of its calls pass: only there is seen that the thread is inside of one, that its caller has given up, and which iterators
 * were left open. For a lane's thread, which does nothing else; it is not undone.
 */
export function supervise(database: SqliteDatabase, supervision: Supervision): void {
  const isWrapped = current !== undefined;
  current = supervision;
  currentDatabase = database;
  if (isWrapped) return;
  // By whoever it was prepared, and also within the driver's own transaction(): what counts is that it is run.
  const known = new WeakMap<object, Ending>();
  const endingBy = (self: unknown, name: string, text: unknown): Ending => {
    if (name === 'exec') return endingOf(String(text));
    let ending = known.get(self as object);
    if (ending === undefined)
      known.set(self as object, (ending = endingOf(String((self as { source?: string }).source))));
    return ending;
  };
  const wrap = (methods: Methods, name: string, note?: (self: unknown, result: unknown) => void) => {
    const method = methods[name] as Methods[string];
    const executes = EXECUTIONS.has(name);
    methods[name] = function supervised(...args) {
      const supervision = current as Supervision;
      const { watch } = supervision;
      if (!supervision.isOurs) watch.check();
      const isTheirs = executes && !supervision.isOurs;
      const settle = isTheirs ? beforeEnding(supervision, endingBy(this, name, args[0])) : undefined;
      const log = supervision.isLent && isTheirs ? watch.log : undefined;
      watch.enter();
      try {
        const result = log === undefined ? method.apply(this, args) : writeDown(log, this, name, args, method);
        note?.(this, result);
        return result;
      } finally {
        watch.leave();
        settle?.();
      }
    };
  };
  const statement = database.prepare('select 1');
  const iterator = statement.iterate();
  iterator.return?.();
  const statements = Object.getPrototypeOf(statement) as Methods;
  for (const name of ['run', 'get', 'all']) wrap(statements, name);
  wrap(statements, 'iterate', (_, opened) => current?.iterators.add(opened as Iterator<unknown>));
  const stepping = Object.getPrototypeOf(iterator) as Methods;
  wrap(
    stepping,
    'next',
    (self, result) => (result as IteratorResult<unknown>).done && current?.iterators.delete(self as never),
  );
  const connections = Object.getPrototypeOf(database) as Methods;
  for (const name of ['exec', 'prepare']) wrap(connections, name);
}
