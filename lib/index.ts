/** `offthread`: the pool, on the caller's thread. */
export {
  BuilderOnlyError,
  CallError,
  ClientGoneError,
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
  NoDatabaseError,
  NoResultError,
  NotPortableError,
  NotStreamableError,
  NotSupportedError,
  ObjectGoneError,
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
  WrappedModuleError,
} from './errors.js';
export type { CallOptions, RunOptions, StreamOptions } from './plan/call-options.js';
export type { CallReport } from './plan/call-report.js';
export type { Changes, RowsOf } from './plan/changes.js';
export type { Detached, Refused, Sendable } from './plan/detached.js';
export type { Lease, LeaseOptions, TransactionOptions } from './plan/lease.js';
export type { MysqlSettings } from './plan/mysql-settings.js';
export type { PoolWith } from './plan/pool-with.js';
export type { AnyUnits, Plan, Runner, StreamName, UnitCalls, UnitName } from './plan/runner.js';
export { sql } from './plan/sql.js';
export type { SqliteSettings } from './plan/sqlite-location.js';
export type { Stream } from './plan/stream.js';
export type { TlsOptions } from './plan/tls.js';
export type { Proxied, Remote, RemoteFunction, WrapOptions, Wrapped } from './plan/wrapped.js';
export {
  type Backup,
  type BackupOptions,
  type BackupProgress,
  type CallContext,
  createPool,
  type LaneContext,
  type LaneStats,
  type Logger,
  type ModulePoolOptions,
  type PlanOutline,
  type Pool,
  type PoolContext,
  type PoolOptions,
  type PoolStats,
  proxy,
  type QueryContext,
  type Times,
} from './pool.js';
