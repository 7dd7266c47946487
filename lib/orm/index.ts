/** `offthread/orm`: entities and sessions, for units and for scripts. Loads no driver and knows no thread. */
export {
  BuilderOnlyError,
  DatabaseError,
  type DatabaseErrorKind,
  EntityStateError,
  LazyLoadRefusedError,
  MappingError,
  NoResultError,
  OffthreadError,
  ReadOnlyError,
  SchemaError,
  SessionEndedError,
  StaleEntityError,
} from '../errors.js';
export { sql } from '../plan/sql.js';
export { blob } from './blob-column.js';
export type { Column, ColumnOf, Columns } from './column.js';
export type { ColumnType, StoredAs } from './column-type.js';
export type { Operator } from './condition.js';
export { type DecimalDigits, decimal } from './decimal-column.js';
export { Entity, type EntityBase, type New } from './entity.js';
export { json } from './json-column.js';
export type { Key } from './key.js';
export type { Mergeable } from './merge.js';
export { bigint, boolean, type IntegerColumn, integer, real } from './number-columns.js';
export { type LocalSession, openSession } from './open-session.js';
export { column } from './own-type.js';
export { type Picked, type Picks, pick } from './pick.js';
export type { Query } from './query.js';
export { belongsTo, type EntityClass, hasMany, hasOne, manyToMany, type Relation } from './relation.js';
export type { RelationPath } from './relation-path.js';
export { createTables, dropTables, type Entities } from './schema.js';
export type { GetOptions, Session } from './session.js';
export type { TableOptions } from './table-options.js';
export type { Tables } from './tables.js';
export { text, uuid } from './text-columns.js';
export { date, timestamp } from './time-columns.js';
export { read, type Unit, write } from './unit.js';
export type { Where } from './where.js';
