import type { ResourceLimits } from 'node:worker_threads';
import { optionError } from '../errors.js';
import { type DatabaseSettings, parseDatabase } from '../plan/database.js';
import type { DialectName } from '../plan/dialect.js';
import { readModule } from '../plan/module-file.js';
import type { MysqlSettings } from '../plan/mysql-settings.js';
import { readNumber, readObject, readTime } from '../plan/option.js';
import type { SqliteSettings } from '../plan/sqlite-location.js';
import type { ErrorClasses } from '../wire/fault.js';
import type { CallSettings } from './call-settings.js';
import { type Logger, readLogger } from './logger.js';
import { readReplicas, type Site, sitesOf } from './sites.js';

/** What `createPool` takes. Times are in milliseconds, `Infinity` is no limit, 0 is refused. */
export interface PoolOptions {
  /**
   * `sqlite:PATH` or `sqlite::memory:`: what follows the first colon is the path as it is, `?`, `#` and `%` are letters of it.
   *
   * Or `mysql://user:password@host:3306/name` (`mariadb://` too), percent-encoded where a name or password needs it, with the
   * parameters `?socketPath=`, `connectTimeout=` and `ssl=true`.
   */
  readonly database: string;
  /** The module of the units: a file URL or an absolute path. Without it the pool runs queries only. */
  readonly units?: URL | string | undefined;
  /** A module whose `default(connection, { dialect, role })` runs on each new connection; synchronous. */
  readonly setup?: URL | string | undefined;
  /** Lanes, each a thread with a connection. Default for SQLite: one writer and as many readers as there are cores, at most 4; 1 is one lane for both. Default for MySQL: 8. */
  readonly threads?: number | undefined;
  /** How many calls may wait; default 10,000. */
  readonly maxQueue?: number | undefined;
  /** How long a call may wait for a lane; default 30,000. */
  readonly queueTimeout?: number | undefined;
  /** How long a call may run; default 30,000. */
  readonly timeout?: number | undefined;
  /** How often a call may run again after the database rolled it back whole; default 3. */
  readonly retries?: number | undefined;
  /** Most rows of one query; more are an error, never a cut. Default 1,000,000. */
  readonly maxRows?: number | undefined;
  /** Error classes that arrive as themselves when a unit throws them. */
  readonly errors?: readonly (abstract new (...args: never[]) => Error)[] | undefined;
  readonly sqlite?: SqliteSettings | undefined;
  readonly mysql?: MysqlSettings | undefined;
  /**
   * URLs of MySQL servers that follow the one of `database`: reads and `read` units go there, on as many lanes as `threads` says
   * over all of them, and to `database` itself while none of them serves.
   *
   * A replica is behind by a moment: a read submitted after a write was acknowledged may not see it yet. What has to see it
   * belongs into a unit that is not marked `read`, which runs where the writes do.
   */
  readonly replicas?: readonly string[] | undefined;
  /** A log as pino has it, told of slow calls and of lanes that are lost, retired and replaced; never of a value. Default: none. */
  readonly logger?: Logger | undefined;
  /** From how many milliseconds of running on a call is logged as slow; default 1,000. */
  readonly slowCall?: number | undefined;
  /** Node's flags for the threads, such as `['--import', './loader.js']`. */
  readonly execArgv?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** What `createPool` takes for a pool that has no database, and only serves wrapped modules. */
export type ModulePoolOptions = Pick<PoolOptions, 'maxQueue' | 'errors' | 'execArgv' | 'env' | 'resourceLimits'> & {
  readonly database?: never;
};

/** The options with their defaults, checked. */
export interface Settings {
  readonly dialect: DialectName | undefined;
  readonly sites: readonly Site[];
  readonly units: string | undefined;
  readonly setup: string | undefined;
  readonly maxQueue: number;
  readonly maxRows: number;
  readonly call: CallSettings;
  readonly classes: ErrorClasses;
  readonly logger: Logger | undefined;
  readonly slowCall: number;
  readonly execArgv: string[] | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
}
const POOL_OPTIONS = [
  'database',
  'units',
  'setup',
  'threads',
  'maxQueue',
  'queueTimeout',
  'timeout',
  'retries',
  'maxRows',
  'errors',
  'sqlite',
  'mysql',
  'replicas',
  'logger',
  'slowCall',
  'execArgv',
  'env',
  'resourceLimits',
];
/** What says nothing without a database. */
const OF_A_DATABASE = ['units', 'setup', 'threads', 'sqlite', 'mysql', 'replicas'];
/** Reads the options of a pool; throws a TypeError or RangeError that names the option, the value and what is allowed. */
export function readPoolOptions(given: PoolOptions | ModulePoolOptions): Settings {
  const options = readObject('createPool()', given, POOL_OPTIONS);
  const ofDialect = { sqlite: options.sqlite, mysql: options.mysql } as DatabaseSettings;
  // Left out, and not undefined: that is a setting which somebody forgot.
  const isWithout = !('database' in options) && OF_A_DATABASE.every((name) => options[name] === undefined);
  const database = isWithout ? undefined : parseDatabase(options.database, ofDialect);
  return {
    dialect: database?.dialect,
    sites:
      database === undefined
        ? []
        : sitesOf(database, options.threads, readReplicas(options.replicas, database, ofDialect)),
    units: options.units === undefined ? undefined : readModule('units', options.units),
    setup: options.setup === undefined ? undefined : readModule('setup', options.setup),
    maxQueue: readNumber('maxQueue', options.maxQueue, 10_000, 1, 'infinity'),
    maxRows: readNumber('maxRows', options.maxRows, 1_000_000, 1, 'infinity'),
    call: {
      signal: undefined,
      timeout: readTime('timeout', options.timeout, 30_000),
      streamTimeout: Number.POSITIVE_INFINITY,
      queueTimeout: readTime('queueTimeout', options.queueTimeout, 30_000),
      retries: readNumber('retries', options.retries, 3, 0),
      transaction: true,
      isolation: undefined,
      report: false,
    },
    classes: readErrors(options.errors),
    logger: readLogger(options.logger),
    slowCall: readTime('slowCall', options.slowCall, 1_000),
    execArgv: readStrings('execArgv', options.execArgv),
    env: readPlain('env', options.env) as NodeJS.ProcessEnv | undefined,
    resourceLimits: readPlain('resourceLimits', options.resourceLimits) as ResourceLimits | undefined,
  };
}

function readErrors(value: unknown): ErrorClasses {
  const allowed = 'an array of classes that extend Error';
  if (value === undefined) return new Map();
  if (!Array.isArray(value)) throw optionError('type', 'errors', value, allowed);
  const classes = new Map<string, { readonly prototype: Error }>();
  for (const type of value) {
    if (typeof type !== 'function' || !(type.prototype instanceof Error))
      throw optionError('type', 'errors', type, allowed);
    const other = classes.get(type.name);
    // They are told apart by their names.
    if (other !== undefined && other !== type)
      throw optionError('range', 'errors', type, `${allowed}, each of another name`);
    classes.set(type.name, type);
  }
  return classes;
}

function readStrings(name: string, value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string'))
    throw optionError('type', name, value, 'an array of strings');
  return [...value];
}

function readPlain(name: string, value: unknown): object | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw optionError('type', name, value, 'an object');
  return { ...value };
}
