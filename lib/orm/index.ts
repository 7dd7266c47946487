/** `offthread/orm`: entities and sessions, for units and for scripts. Loads no driver and knows no thread. */
export {
  BuilderOnlyError,
  CallError,
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
export type { Detached, Loaded } from '../plan/detached.js';
export { sql } from '../plan/sql.js';
export { blob } from './columns/blob-column.js';
export type { Column, ColumnOf, Columns } from './columns/column.js';
export type { ColumnType, StoredAs, StoredValues } from './columns/column-type.js';
export { type DecimalDigits, decimal } from './columns/decimal-column.js';
export { json } from './columns/json-column.js';
export { bigint, boolean, type IntegerColumn, integer, real } from './columns/number-columns.js';
export { column } from './columns/own-type.js';
export { text, uuid } from './columns/text-columns.js';
export { date, timestamp } from './columns/time-columns.js';
export { Entity, type EntityBase, type New } from './mapping/entity.js';
export type { Key } from './mapping/key.js';
export { belongsTo, type EntityClass, hasMany, hasOne, manyToMany, type Relation } from './mapping/relation.js';
export type { TableOptions } from './mapping/table-options.js';
export type { Tables } from './mapping/tables.js';
export type { Mergeable } from './merge.js';
export { type LocalSession, openSession } from './open-session.js';
export { type Picked, type Picks, pick } from './pick.js';
export type { Operator } from './query/condition.js';
export type { Query } from './query/query.js';
export type { RelationPath } from './query/relation-path.js';
export type { Where } from './query/where.js';
export { createTables, dropTables, type Entities } from './schema/schema.js';
export type { GetOptions, Session } from './session.js';
export { read, type Unit, write } from './unit.js';
