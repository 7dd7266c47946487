/** `offthread`: the pool, on the caller's thread. */
export {
  BuilderOnlyError,
  CallError,
  DatabaseError,
  type DatabaseErrorKind,
  EntityStateError,
  GeneratorUnitError,
  LaneLostError,
  LazyLoadRefusedError,
  LeaseDeadlockError,
  LeaseEndedError,
  LoginError,
  MappingError,
  MissingDriverError,
  NestedPoolError,
  NoResultError,
  NotPortableError,
  NotStreamableError,
  NotSupportedError,
  OffthreadError,
  type Outcome,
  PoolClosedError,
  PromiseResultError,
  QueueFullError,
  QueueTimeoutError,
  ReadOnlyError,
  SchemaError,
  SessionEndedError,
  SetupError,
  StaleEntityError,
  StreamIdleError,
  TimeoutError,
  TlsError,
  TooManyRowsError,
  TransactionControlError,
  TransactionLostError,
  UnfinishedQueryError,
  UnitsModuleError,
  UnknownUnitError,
} from './errors.js';
export type { Detached, Refused, Sendable } from './plan/detached.js';
export type { Lease, LeaseOptions, TransactionOptions } from './plan/lease.js';
export type { MysqlSettings } from './plan/mysql-settings.js';
export type {
  AnyUnits,
  CallOptions,
  Changes,
  Plan,
  RowsOf,
  Runner,
  Stream,
  StreamName,
  StreamOptions,
  UnitCalls,
  UnitName,
} from './plan/runner.js';
export { sql } from './plan/sql.js';
export type { SqliteSettings } from './plan/sqlite-location.js';
export type { TlsOptions } from './plan/tls.js';
export { createPool, type Pool, type PoolOptions, type PoolStats } from './pool.js';
