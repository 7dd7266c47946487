import { define, OffthreadError, type Outcome } from './offthread-error.js';
import { showSql } from './value-errors.js';

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
const RETRYABLE: ReadonlySet<DatabaseErrorKind> = new Set([
  'busy',
  'stale-snapshot',
  'deadlock',
  'lock-timeout',
  'connection',
]);

export const TransactionControlError = define<{ sql: string }>('TransactionControlError', {
  code: 'OFFTHREAD_TRANSACTION_CONTROL',
  sentence: ({ sql }) => `'${sql}' controls the transaction or the connection, which the pool does itself.`,
  hint: 'Use pool.transaction(fn), a unit or a list of plans for a transaction, savepoint(fn) within it, and the setup module for ATTACH and pragmas.',
});
export type TransactionControlError = InstanceType<typeof TransactionControlError>;

export const TransactionLostError = define<{ what: string }>('TransactionLostError', {
  code: 'OFFTHREAD_TRANSACTION_LOST',
  sentence: ({ what }) =>
    `${what} ended its own transaction (OR ROLLBACK, RAISE(ROLLBACK) or a COMMIT on the raw connection).`,
  hint: 'Let the pool begin, commit and roll back.',
});
export type TransactionLostError = InstanceType<typeof TransactionLostError>;

export const ReadOnlyError = define<{ what: string; wrote: string; wayOut?: string }>('ReadOnlyError', {
  code: 'OFFTHREAD_READ_ONLY',
  sentence: ({ what, wrote }) => `${what} may only read, but it wrote: ${wrote}.`,
  hint: ({ wayOut }) => wayOut ?? 'Mark the unit with write() instead of read().',
});
export type ReadOnlyError = InstanceType<typeof ReadOnlyError>;

export const TooManyRowsError = define<{ maxRows: number; sql: string }>('TooManyRowsError', {
  code: 'OFFTHREAD_TOO_MANY_ROWS',
  sentence: ({ maxRows, sql }) => `The query answers more than maxRows = ${maxRows} rows: ${showSql(sql)}.`,
  hint: 'Add a LIMIT, read it bit by bit (pool.stream(query), or iterate() in a unit), or raise maxRows.',
});
export type TooManyRowsError = InstanceType<typeof TooManyRowsError>;

export const BuilderOnlyError = define<object>('BuilderOnlyError', {
  code: 'OFFTHREAD_BUILDER_ONLY',
  sentence: () => 'This Kysely builds queries and has no connection, so it cannot execute() them.',
  hint: 'Give the query to the session: session.run(query).',
});
export type BuilderOnlyError = InstanceType<typeof BuilderOnlyError>;

export const MissingDriverError = define<{ driver: string; version: string }>('MissingDriverError', {
  code: 'OFFTHREAD_MISSING_DRIVER',
  sentence: ({ driver }) => `The driver ${driver} could not be loaded.`,
  hint: ({ driver, version }) => `Install it beside offthread: npm install ${driver}@"${version}".`,
});
export type MissingDriverError = InstanceType<typeof MissingDriverError>;

export const TlsError = define<{ server: string; reason: string; wayOut: string }>('TlsError', {
  code: 'OFFTHREAD_TLS',
  sentence: ({ server, reason }) => `The connection to ${server} could not be encrypted: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});
export type TlsError = InstanceType<typeof TlsError>;

export const LoginError = define<{ user: string; server: string; reason: string; wayOut: string }>('LoginError', {
  code: 'OFFTHREAD_LOGIN',
  sentence: ({ user, server, reason }) => `The user '${user}' cannot log in to ${server}: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});
export type LoginError = InstanceType<typeof LoginError>;
