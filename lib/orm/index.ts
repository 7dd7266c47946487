/** `offthread/orm`: entities and sessions, for units and for scripts. Loads no driver and knows no thread. */
export {
  DatabaseError,
  type DatabaseErrorKind,
  EntityStateError,
  LazyLoadRefusedError,
  MappingError,
  NoResultError,
  OffthreadError,
  ReadOnlyError,
  SessionEndedError,
  StaleEntityError,
} from '../errors.js';
export { sql } from '../plan/sql.js';
export { bigint, blob, boolean, type Column, type Columns, integer, json, real, text, timestamp } from './column.js';
export { Entity, type EntityBase, type New } from './entity.js';
export { type LocalSession, openSession } from './open-session.js';
export type { Operator, Query, RelationPath, Where } from './query.js';
export { belongsTo, type EntityClass, hasMany, hasOne, manyToMany, type Relation } from './relation.js';
export type { Key, Session } from './session.js';
export { read, type Unit, write } from './unit.js';
