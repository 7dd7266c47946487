import { types } from 'node:util';

/** Whether the work may have been committed although the call was rejected. */
export type Outcome = 'not-committed' | 'unknown';

/** What went wrong in the database, in words that are the same on every dialect. */
export type DatabaseErrorKind =
  | 'unique'
  | 'foreign-key'
  | 'not-null'
  | 'check'
  | 'busy'
  | 'stale-snapshot'
  | 'deadlock'
  | 'lock-timeout'
  | 'connection'
  | 'access-denied'
  | 'read-only'
  | 'not-a-database'
  | 'corrupt'
  | 'full'
  | 'cannot-open'
  | 'timeout'
  | 'interrupted'
  | 'too-large'
  | 'syntax'
  | 'other';

/**
 * The base of what this library throws, options and column values aside: those are a `TypeError` or a `RangeError`
 * with a `code` of the same form.
 */
export class OffthreadError extends Error {
  /** `OFFTHREAD_…`; the driver's own code on a `DatabaseError`. */
  readonly code: string;
  /** Rejected means not committed, unless this is `'unknown'`. */
  readonly outcome: Outcome;
  /** Whether the same call may succeed when it is made again. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: ErrorOptions & { outcome?: Outcome; retryable?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.outcome = options.outcome ?? 'not-committed';
    this.retryable = options.retryable ?? false;
  }
}

interface Entry<Detail> {
  readonly code: `OFFTHREAD_${string}`;
  readonly sentence: (detail: Detail) => string;
  readonly hint: string | ((detail: Detail) => string);
  readonly retryable?: true;
}

/** An error class from its row in the table. What a sentence names is on the error too, as a field of its own. */
function define<Detail extends object>(name: string, entry: Entry<Detail>) {
  const Defined = class extends OffthreadError {
    constructor(detail: Detail, options: ErrorOptions & { outcome?: Outcome } = {}) {
      const hint = typeof entry.hint === 'string' ? entry.hint : entry.hint(detail);
      super(entry.code, `${entry.sentence(detail)} ${hint}`.trimEnd(), {
        ...options,
        retryable: entry.retryable ?? false,
      });
      Object.assign(this, detail);
    }
  };
  Object.defineProperty(Defined, 'name', { value: name });
  Object.defineProperty(Defined.prototype, 'name', { value: name, configurable: true, writable: true });
  return Defined as unknown as {
    new (detail: Detail, options?: ErrorOptions & { outcome?: Outcome }): OffthreadError & Readonly<Detail>;
    readonly prototype: OffthreadError & Readonly<Detail>;
  };
}

// ── Naming what to run ────────────────────────────────────────────────────────────────────────────────────────────

export const UnknownUnitError = define<{ unit: string; nearest: string | undefined; known: number }>(
  'UnknownUnitError',
  {
    code: 'OFFTHREAD_UNKNOWN_UNIT',
    sentence: ({ unit }) => `There is no unit named '${unit}'.`,
    hint: ({ nearest, known }) =>
      nearest !== undefined
        ? `Did you mean '${nearest}'?`
        : known === 0
          ? 'The pool has no units: pass createPool the option units.'
          : `The units module exports ${known} ${known === 1 ? 'unit' : 'units'}; pool.units lists them.`,
  },
);

export const UnitsModuleError = define<{ module: string; reason: string; wayOut: string }>('UnitsModuleError', {
  code: 'OFFTHREAD_UNITS_MODULE',
  sentence: ({ module, reason }) => `The units module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const WrappedModuleError = define<{ module: string; reason: string; wayOut: string }>('WrappedModuleError', {
  code: 'OFFTHREAD_WRAPPED_MODULE',
  sentence: ({ module, reason }) => `The wrapped module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const SetupError = define<{ module: string; role: string; reason: string }>('SetupError', {
  code: 'OFFTHREAD_SETUP',
  sentence: ({ module, role, reason }) => `The setup module ${module} ${reason} (${role} connection).`,
  hint: 'It must export a synchronous default function (connection, { dialect, role }).',
});

export const GeneratorUnitError = define<{ unit: string }>('GeneratorUnitError', {
  code: 'OFFTHREAD_GENERATOR_UNIT',
  sentence: ({ unit }) => `The unit '${unit}' is a generator, and run() answers with one value.`,
  hint: ({ unit }) => `Use pool.stream('${unit}', args), or return an array.`,
});

export const NotStreamableError = define<{ what: string; reason: string; wayOut: string }>('NotStreamableError', {
  code: 'OFFTHREAD_NOT_STREAMABLE',
  sentence: ({ what, reason }) => `${what} cannot be streamed: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

// ── What crosses between the threads ──────────────────────────────────────────────────────────────────────────────

export const NotPortableError = define<{ path: string; found: string; wayOut: string }>('NotPortableError', {
  code: 'OFFTHREAD_NOT_PORTABLE',
  sentence: ({ path, found }) => `${path} cannot cross between threads: it is ${found}.`,
  hint: ({ wayOut }) => wayOut,
});

export const PromiseResultError = define<{ unit: string }>('PromiseResultError', {
  code: 'OFFTHREAD_PROMISE_RESULT',
  sentence: ({ unit }) => `${unit} returned a promise, so its work was rolled back.`,
  hint: 'It is synchronous by design: remove async, and await outside of it.',
});

export const UnfinishedQueryError = define<{ path: string }>('UnfinishedQueryError', {
  code: 'OFFTHREAD_UNFINISHED_QUERY',
  sentence: ({ path }) => `${path} is a query that was not run.`,
  hint: 'End it with all(), first(), one() or count().',
});

// ── Waiting and running ───────────────────────────────────────────────────────────────────────────────────────────

interface Load {
  readonly waiting: number;
  readonly running: number;
  readonly lanes: number;
}
const load = ({ waiting, running, lanes }: Load) =>
  `${waiting} waiting, ${running} on ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;

export const QueueFullError = define<{ maxQueue: number } & Load>('QueueFullError', {
  code: 'OFFTHREAD_QUEUE_FULL',
  sentence: (detail) =>
    `The queue holds maxQueue = ${detail.maxQueue} calls (${load(detail)}), so this one was refused.`,
  hint: 'Send less at once, or raise maxQueue.',
  retryable: true,
});

export const QueueTimeoutError = define<{ what: string; queueTimeout: number; failure?: string; held?: number } & Load>(
  'QueueTimeoutError',
  {
    code: 'OFFTHREAD_QUEUE_TIMEOUT',
    sentence: (detail) =>
      `${detail.what} waited queueTimeout = ${detail.queueTimeout} ms and was never begun (${load(detail)}).`,
    hint: ({ failure, held }) => {
      if (failure !== undefined) return `No lane could be opened: ${failure}`;
      const why =
        held === undefined
          ? 'busy, not down: look for slow work'
          : `busy, ${held} of them held by leases and streams: end those sooner`;
      return `The lanes are ${why}, or raise queueTimeout or threads.`;
    },
    retryable: true,
  },
);

export const TimeoutError = define<{ what: string; timeout: number }>('TimeoutError', {
  code: 'OFFTHREAD_TIMEOUT',
  sentence: ({ what, timeout }) => `${what} ran longer than timeout = ${timeout} ms and was stopped.`,
  hint: 'Nothing of it was committed, unless outcome says unknown. Make it shorter, or raise timeout.',
});

export const StreamIdleError = define<{ what: string; idleTimeout: number }>('StreamIdleError', {
  code: 'OFFTHREAD_STREAM_IDLE',
  sentence: ({ what, idleTimeout }) =>
    `${what} was ended, since nothing of it was taken for idleTimeout = ${idleTimeout} ms.`,
  hint: 'Until its end a stream holds a lane and a snapshot: take it faster, end it with break, or raise idleTimeout.',
});

export const LaneLostError = define<{ what: string; reason: string }>('LaneLostError', {
  code: 'OFFTHREAD_LANE_LOST',
  sentence: ({ what, reason }) => `The thread that ran ${what} ended (${reason}).`,
  hint: 'Nothing of it was committed, unless outcome says unknown. The pool has started another thread.',
});

export const ObjectGoneError = define<{ what: string; reason: string }>('ObjectGoneError', {
  code: 'OFFTHREAD_OBJECT_GONE',
  sentence: ({ what, reason }) => `${what} was not run: ${reason}.`,
  hint: 'Make another one: the functions and classes of the module itself can be called again.',
});

export const PoolClosedError = define<{ what: string }>('PoolClosedError', {
  code: 'OFFTHREAD_POOL_CLOSED',
  sentence: ({ what }) => `The pool is closed, so ${what} was not run.`,
  hint: 'Close it after the last call has settled.',
});

export const LeaseEndedError = define<{
  reason: 'committed' | 'rolled back' | 'idle' | 'total' | 'lost' | 'forgotten';
  why: string;
}>('LeaseEndedError', {
  code: 'OFFTHREAD_LEASE_ENDED',
  sentence: ({ why }) => `The lease has ended: ${why}.`,
  hint: ({ reason }) => LEASE_HINTS[reason],
});
const LEASE_HINTS = {
  committed: 'Do everything before commit(), or take another lease.',
  'rolled back': 'Take another lease.',
  idle: 'Await nothing else while it is open, or raise idleTimeout.',
  total: 'Make it shorter, or raise totalTimeout.',
  lost: 'The cause says why; pool.transaction(fn, { retries }) does everything again.',
  forgotten: 'End it with commit() or rollback(), or hold it with `await using`.',
} as const;

export const LeaseDeadlockError = define<{ what: string; lease: string; taken: string }>('LeaseDeadlockError', {
  code: 'OFFTHREAD_LEASE_DEADLOCK',
  sentence: ({ what, lease, taken }) =>
    `${what} would wait for ever: ${lease} of its own caller, taken ${taken}, has to end before there is a lane for it.`,
  hint: 'Run it on the lease, or end that first; or give the pool more threads.',
});

export const NoDatabaseError = define<object>('NoDatabaseError', {
  code: 'OFFTHREAD_NO_DATABASE',
  sentence: () => 'This pool was made without a database, for wrapped modules only.',
  hint: "Give createPool the option database: 'sqlite:shop.db', or a URL of a MySQL server.",
});

export const ClientGoneError = define<{ statusCode: number }>('ClientGoneError', {
  code: 'OFFTHREAD_CLIENT_GONE',
  sentence: () => 'The client closed the connection before it was answered.',
  hint: 'What it was waiting for was stopped.',
});

export const NestedPoolError = define<object>('NestedPoolError', {
  code: 'OFFTHREAD_NESTED_POOL',
  sentence: () => 'createPool was called inside a unit, on a worker thread of a pool.',
  hint: 'A unit has its session: call other units as plain functions with it.',
});

export const NotSupportedError = define<{ what: string; wayOut: string }>('NotSupportedError', {
  code: 'OFFTHREAD_NOT_SUPPORTED',
  sentence: ({ what }) => `${what} is not supported.`,
  hint: ({ wayOut }) => wayOut,
});

// ── SQL and transactions ──────────────────────────────────────────────────────────────────────────────────────────

export const TransactionControlError = define<{ sql: string }>('TransactionControlError', {
  code: 'OFFTHREAD_TRANSACTION_CONTROL',
  sentence: ({ sql }) => `'${sql}' controls the transaction or the connection, which the pool does itself.`,
  hint: 'Use pool.transaction(fn), a unit or a list of plans for a transaction, savepoint(fn) within it, and the setup module for ATTACH and pragmas.',
});

export const TransactionLostError = define<{ what: string }>('TransactionLostError', {
  code: 'OFFTHREAD_TRANSACTION_LOST',
  sentence: ({ what }) =>
    `${what} ended its own transaction (OR ROLLBACK, RAISE(ROLLBACK) or a COMMIT on the raw connection).`,
  hint: 'Let the pool begin, commit and roll back.',
});

export const ReadOnlyError = define<{ what: string; wrote: string; wayOut?: string }>('ReadOnlyError', {
  code: 'OFFTHREAD_READ_ONLY',
  sentence: ({ what, wrote }) => `${what} may only read, but it wrote: ${wrote}.`,
  hint: ({ wayOut }) => wayOut ?? 'Mark the unit with write() instead of read().',
});

export const TooManyRowsError = define<{ maxRows: number; sql: string }>('TooManyRowsError', {
  code: 'OFFTHREAD_TOO_MANY_ROWS',
  sentence: ({ maxRows, sql }) => `The query answers more than maxRows = ${maxRows} rows: ${showSql(sql)}.`,
  hint: 'Add a LIMIT, read it bit by bit (pool.stream(query), or iterate() in a unit), or raise maxRows.',
});

export const BuilderOnlyError = define<object>('BuilderOnlyError', {
  code: 'OFFTHREAD_BUILDER_ONLY',
  sentence: () => 'This Kysely builds queries and has no connection, so it cannot execute() them.',
  hint: 'Give the query to the session: session.run(query).',
});

export const MissingDriverError = define<{ driver: string; version: string }>('MissingDriverError', {
  code: 'OFFTHREAD_MISSING_DRIVER',
  sentence: ({ driver }) => `The driver ${driver} could not be loaded.`,
  hint: ({ driver, version }) => `Install it beside offthread: npm install ${driver}@"${version}".`,
});

export const TlsError = define<{ server: string; reason: string; wayOut: string }>('TlsError', {
  code: 'OFFTHREAD_TLS',
  sentence: ({ server, reason }) => `The connection to ${server} could not be encrypted: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const LoginError = define<{ user: string; server: string; reason: string; wayOut: string }>('LoginError', {
  code: 'OFFTHREAD_LOGIN',
  sentence: ({ user, server, reason }) => `The user '${user}' cannot log in to ${server}: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

// ── Entities and sessions ─────────────────────────────────────────────────────────────────────────────────────────

export const MappingError = define<{ entity: string; problem: string; wayOut: string }>('MappingError', {
  code: 'OFFTHREAD_MAPPING',
  sentence: ({ entity, problem }) => `${entity} is not mapped rightly: ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});

export const CallError = define<{ call: string; problem: string; wayOut: string }>('CallError', {
  code: 'OFFTHREAD_CALL',
  sentence: ({ call, problem }) => `${call}: ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});

export const SchemaError = define<{ entity: string; table: string; columns: readonly string[] }>('SchemaError', {
  code: 'OFFTHREAD_SCHEMA',
  sentence: ({ entity, table, columns }) =>
    columns.length === 0
      ? `The database has no table '${table}' for ${entity}.`
      : `The table '${table}' has no ${columns.length === 1 ? 'column' : 'columns'} '${columns.join("', '")}' for ${entity}.`,
  hint: ({ columns }) =>
    columns.length === 0
      ? 'Make it by a migration, or with createTables(session, entities); or check the path of the database.'
      : "Add what is missing by a migration, or say how it is called there: text('its_name').",
});

export const EntityStateError = define<{ entity: string; problem: string; wayOut: string }>('EntityStateError', {
  code: 'OFFTHREAD_ENTITY_STATE',
  sentence: ({ entity, problem }) => `${entity} ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});

export const LazyLoadRefusedError = define<{ entity: string; relation: string; place: string }>(
  'LazyLoadRefusedError',
  {
    code: 'OFFTHREAD_LAZY_LOAD_REFUSED',
    sentence: ({ place }) => `${place} is not loaded, and is not to be loaded by a touch.`,
    hint: ({ entity, relation }) => `Load it ahead: session.query(${entity}).with('${relation}').`,
  },
);

export const SessionEndedError = define<{ touched: string }>('SessionEndedError', {
  code: 'OFFTHREAD_SESSION_ENDED',
  sentence: ({ touched }) => `${touched} was touched after its session had ended.`,
  hint: 'Touch it while the unit runs, or load it ahead with with(…).',
});

export const NoResultError = define<{ entity: string; found: string }>('NoResultError', {
  code: 'OFFTHREAD_NO_RESULT',
  sentence: ({ entity, found }) => `one() found ${found} of ${entity}, and promises exactly one.`,
  hint: 'Use first() where there may be none, or all() where there may be several.',
});

export const StaleEntityError = define<{ entity: string; key: string; found: 'gone' | 'changed' }>('StaleEntityError', {
  code: 'OFFTHREAD_STALE_ENTITY',
  sentence: ({ entity, key, found }) =>
    `The row of ${entity} ${key} ${found === 'gone' ? 'is gone' : 'has changed since it was loaded'}, so it could not be written.`,
  hint: ({ found }) => `Another transaction ${found === 'gone' ? 'deleted' : 'wrote'} it: load it again and decide.`,
});

/** An error that the database reported. */
export class DatabaseError extends OffthreadError {
  /** What happened, the same word on every dialect. */
  readonly kind: DatabaseErrorKind;
  /** The statement, without its values; undefined where no statement was at fault (opening, COMMIT). */
  readonly sql: string | undefined;
  readonly errno: number | undefined;
  readonly sqlState: string | undefined;

  constructor(
    message: string,
    detail: {
      code: string;
      kind: DatabaseErrorKind;
      sql?: string | undefined;
      errno?: number;
      sqlState?: string;
      outcome?: Outcome;
    },
    options?: ErrorOptions,
  ) {
    // What may have been done is not for everybody to do again.
    const retryable = RETRYABLE.has(detail.kind) && detail.outcome !== 'unknown';
    super(detail.code, message, { ...options, retryable, ...(detail.outcome && { outcome: detail.outcome }) });
    this.kind = detail.kind;
    this.sql = detail.sql;
    this.errno = detail.errno;
    this.sqlState = detail.sqlState;
  }
}
DatabaseError.prototype.name = 'DatabaseError';
OffthreadError.prototype.name = 'OffthreadError';
const RETRYABLE: ReadonlySet<DatabaseErrorKind> = new Set([
  'busy',
  'stale-snapshot',
  'deadlock',
  'lock-timeout',
  'connection',
]);

/** A bad option or argument: names it, the value, and what is allowed. */
export function optionError(
  kind: 'type' | 'range',
  name: string,
  value: unknown,
  allowed: string,
): TypeError | RangeError {
  const message = `${name} must be ${allowed}, not ${show(value)}.`;
  const error = kind === 'type' ? new TypeError(message) : new RangeError(message);
  return Object.assign(error, { code: 'OFFTHREAD_OPTION', option: name });
}

/** A value that a column or a bound parameter cannot hold. */
export function valueError(
  place: string,
  value: unknown,
  allowed: string,
  kind: 'type' | 'range' = 'type',
): TypeError | RangeError {
  const message = `${place} takes ${allowed}, not ${show(value)}.`;
  const error = kind === 'type' ? new TypeError(message) : new RangeError(message);
  return Object.assign(error, { code: 'OFFTHREAD_VALUE', place });
}

/** A value in an error message: short, and never its insides, which may be secret. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 60 ? `'${value.slice(0, 57)}…'` : `'${value}'`;
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `the function ${value.name || '(anonymous)'}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
      return `an object (${Object.getPrototypeOf(value)?.constructor?.name || 'Object'})`;
    default:
      return String(value);
  }
}

/** SQL in an error message, which a list of thousands of parameters would fill. */
export const showSql = (sql: string): string =>
  sql.length > 1_000 ? `${sql.slice(0, 1_000)}… (${sql.length} characters)` : sql;

/** The errors that are rebuilt as themselves on the caller's thread, by class name. */
export const errorClasses: ReadonlyMap<string, { readonly prototype: Error }> = new Map(
  Object.entries({
    OffthreadError,
    UnknownUnitError,
    UnitsModuleError,
    WrappedModuleError,
    SetupError,
    GeneratorUnitError,
    NotStreamableError,
    NotPortableError,
    PromiseResultError,
    UnfinishedQueryError,
    QueueFullError,
    QueueTimeoutError,
    TimeoutError,
    StreamIdleError,
    LaneLostError,
    ObjectGoneError,
    PoolClosedError,
    LeaseEndedError,
    LeaseDeadlockError,
    NoDatabaseError,
    ClientGoneError,
    NestedPoolError,
    NotSupportedError,
    TransactionControlError,
    TransactionLostError,
    ReadOnlyError,
    TooManyRowsError,
    BuilderOnlyError,
    MissingDriverError,
    TlsError,
    LoginError,
    MappingError,
    CallError,
    SchemaError,
    EntityStateError,
    LazyLoadRefusedError,
    SessionEndedError,
    NoResultError,
    StaleEntityError,
    DatabaseError,
  }),
);
