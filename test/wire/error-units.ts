import type { OffthreadError } from 'offthread';
import * as offthread from 'offthread';
import { read, type Session } from 'offthread/orm';

const options = { cause: new RangeError('the cause'), outcome: 'unknown' } as const;
const load = { waiting: 1, running: 2, lanes: 3 };
const what = "The unit 'rename'";

/** One of each class, by its name. */
export const samples: Record<string, () => OffthreadError> = {
  OffthreadError: () => new offthread.OffthreadError('OFFTHREAD_TEST', 'a message', { ...options, retryable: true }),
  UnknownUnitError: () => new offthread.UnknownUnitError({ unit: 'nam', nearest: 'name', known: 3 }, options),
  UnitsModuleError: () =>
    new offthread.UnitsModuleError({ module: 'units.js', reason: 'does not exist', wayOut: 'Make it.' }, options),
  SetupError: () => new offthread.SetupError({ module: 'setup.js', role: 'writer', reason: 'threw' }, options),
  GeneratorUnitError: () => new offthread.GeneratorUnitError({ unit: 'names' }, options),
  NotStreamableError: () =>
    new offthread.NotStreamableError({ what, reason: 'it writes', wayOut: 'Give it to run().' }, options),
  NotPortableError: () =>
    new offthread.NotPortableError({ path: 'The result.at', found: 'a URL', wayOut: 'Send its text.' }, options),
  PromiseResultError: () => new offthread.PromiseResultError({ unit: what }, options),
  UnfinishedQueryError: () => new offthread.UnfinishedQueryError({ path: 'The result' }, options),
  QueueFullError: () => new offthread.QueueFullError({ maxQueue: 10, ...load }, options),
  QueueTimeoutError: () => new offthread.QueueTimeoutError({ what, queueTimeout: 10, ...load }, options),
  TimeoutError: () => new offthread.TimeoutError({ what, timeout: 10 }, options),
  StreamIdleError: () => new offthread.StreamIdleError({ what, idleTimeout: 10 }, options),
  LaneLostError: () => new offthread.LaneLostError({ what, reason: 'it ended' }, options),
  PoolClosedError: () => new offthread.PoolClosedError({ what }, options),
  NoDatabaseError: () => new offthread.NoDatabaseError({}, options),
  ObjectGoneError: () =>
    new offthread.ObjectGoneError({ what: 'find() of a Repo of dao.js', reason: 'it has been disposed of' }, options),
  WrappedModuleError: () =>
    new offthread.WrappedModuleError(
      { module: '/dao.js', reason: 'does not exist', wayOut: 'Pass the file.' },
      options,
    ),
  ClientGoneError: () => new offthread.ClientGoneError({ statusCode: 499 }, options),
  NestedPoolError: () => new offthread.NestedPoolError({}, options),
  NotSupportedError: () => new offthread.NotSupportedError({ what: 'A stream', wayOut: 'Use run.' }, options),
  LeaseEndedError: () => new offthread.LeaseEndedError({ reason: 'idle', why: 'nothing was asked of it' }, options),
  LeaseDeadlockError: () =>
    new offthread.LeaseDeadlockError(
      { what: 'The lease', lease: 'the lease', taken: 'at main (main.js:1:2)' },
      options,
    ),
  TransactionControlError: () => new offthread.TransactionControlError({ sql: 'begin' }, options),
  TransactionLostError: () => new offthread.TransactionLostError({ what: "The unit 'fail'" }, options),
  ReadOnlyError: () => new offthread.ReadOnlyError({ what, wrote: 'User.name' }, options),
  TooManyRowsError: () => new offthread.TooManyRowsError({ maxRows: 5, sql: 'select 1' }, options),
  BuilderOnlyError: () => new offthread.BuilderOnlyError({}, options),
  MissingDriverError: () => new offthread.MissingDriverError({ driver: 'better-sqlite3', version: '^12' }, options),
  TlsError: () =>
    new offthread.TlsError({ server: 'db:3306', reason: 'it has none', wayOut: 'Turn it on there.' }, options),
  LoginError: () =>
    new offthread.LoginError({ user: 'me', server: 'db:3306', reason: 'no', wayOut: 'Ask for more.' }, options),
  MappingError: () =>
    new offthread.MappingError({ entity: 'User', problem: 'it has no key', wayOut: 'Give it one.' }, options),
  CallError: () =>
    new offthread.CallError({ call: 'orderBy()', problem: "User has no column 'nmae'", wayOut: 'Look.' }, options),
  SchemaError: () => new offthread.SchemaError({ entity: 'User', table: 'user', columns: ['mail'] }, options),
  EntityStateError: () =>
    new offthread.EntityStateError({ entity: 'User', problem: 'was removed', wayOut: 'Add it again.' }, options),
  SessionEndedError: () => new offthread.SessionEndedError({ touched: 'User.addresses' }, options),
  LazyLoadRefusedError: () =>
    new offthread.LazyLoadRefusedError({ entity: 'User', relation: 'addresses', place: 'User.addresses' }, options),
  NoResultError: () => new offthread.NoResultError({ entity: 'User', found: 'none' }, options),
  StaleEntityError: () => new offthread.StaleEntityError({ entity: 'User', key: '7', found: 'gone' }, options),
  DatabaseError: () =>
    new offthread.DatabaseError(
      'database is locked',
      { code: 'SQLITE_BUSY', kind: 'busy', sql: 'select ?', errno: 5, sqlState: 'HY000', outcome: 'unknown' },
      { cause: options.cause },
    ),
};
export const fail = read((_session: Session, name: string): void => {
  throw samples[name]?.();
});

/** Only an instance that its own constructor made has a name. */
class Odd extends Error {
  #number = 1;
  override get name() {
    return `Odd${this.#number}`;
  }
}
export const odd = () => {
  throw new Odd('odd');
};
export const echo = (_session: unknown, value: unknown) => value;
