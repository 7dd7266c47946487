import * as callErrors from './errors/call-errors.js';
import * as databaseErrors from './errors/database-errors.js';
import * as entityErrors from './errors/entity-errors.js';
import { OffthreadError } from './errors/offthread-error.js';
import * as unitErrors from './errors/unit-errors.js';

export {
  CallError,
  ClientGoneError,
  LaneLostError,
  LeaseDeadlockError,
  LeaseEndedError,
  NestedPoolError,
  NoDatabaseError,
  NotSupportedError,
  ObjectGoneError,
  PoolClosedError,
  QueueFullError,
  QueueTimeoutError,
  StreamIdleError,
  TimeoutError,
} from './errors/call-errors.js';
export {
  BuilderOnlyError,
  DatabaseError,
  type DatabaseErrorKind,
  LoginError,
  MissingDriverError,
  ReadOnlyError,
  TlsError,
  TooManyRowsError,
  TransactionControlError,
  TransactionLostError,
} from './errors/database-errors.js';
export {
  EntityStateError,
  LazyLoadRefusedError,
  MappingError,
  NoResultError,
  SchemaError,
  SessionEndedError,
  StaleEntityError,
} from './errors/entity-errors.js';
export { OffthreadError, type Outcome } from './errors/offthread-error.js';
export {
  GeneratorUnitError,
  NotPortableError,
  NotStreamableError,
  PromiseResultError,
  SetupError,
  UnfinishedQueryError,
  UnitsModuleError,
  UnknownUnitError,
  WrappedModuleError,
} from './errors/unit-errors.js';
export { optionError, show, showSql, valueError } from './errors/value-errors.js';

/** The errors that are rebuilt as themselves on the caller's thread, by class name: all that those files export. */
export const errorClasses: ReadonlyMap<string, { readonly prototype: Error }> = new Map(
  Object.entries({ OffthreadError, ...callErrors, ...databaseErrors, ...entityErrors, ...unitErrors }),
);
