import type { AnyMapped, ColumnKey } from '../../plan/detached.js';

/** An entity's class, seen from outside: something that `get` and `query` take. */
// biome-ignore lint/suspicious/noExplicitAny: a class of whatever constructor
export type EntityClass<T = AnyMapped> = abstract new (...args: any) => T;

export type RelationKind = 'belongsTo' | 'hasMany' | 'hasOne' | 'manyToMany';
export type Direction = 'asc' | 'desc';
/** A column, or several with their directions: `'street'`, `{ year: 'desc', street: 'asc' }`. */
type OrderBy<T> = ColumnKey<T> | { readonly [K in ColumnKey<T>]?: Direction };

/** What any relation may be told. */
export interface RelationOptions {
  /** `'refuse'` makes the first touch an error: the relation is loaded ahead, by `with()`, or not at all. */
  readonly lazy?: 'load' | 'refuse';
}
/** What a relation of many may be told. */
export interface CollectionOptions<T> extends RelationOptions {
  /** The order in which it is loaded; by key unless told. */
  readonly orderBy?: OrderBy<T>;
}
/** What becomes of the children. */
export interface ChildOptions {
  /**
   * On removal of the parent: `'delete'` removes them with it, `'nullify'` leaves them without a parent, `'refuse'` is
   * an error while there are any. Unless told the database decides, by its own foreign key.
   */
  readonly onRemove?: 'refuse' | 'nullify' | 'delete';
  /** `'delete'` removes a child that was taken from its parent and given to no other. */
  readonly orphans?: 'keep' | 'delete';
}
/** The table between two entities; what it says of the columns are their names in SQL, or properties of its entity. */
export interface ThroughOptions {
  /** The table's name, or a thunk of its entity where it is one itself. */
  readonly through: string | (() => EntityClass);
  /** Its columns that hold this entity's key. */
  readonly from: string | readonly string[];
  /** Its columns that hold the other entity's key. */
  readonly to: string | readonly string[];
}

/** What stands in `static relations`. `R` is the type of the property. */
export interface Relation<R> {
  readonly $type: R;
  readonly kind: RelationKind;
  readonly target: () => EntityClass;
  /** Properties of the target (hasMany, hasOne) or of the owner (belongsTo), in the order of the key they hold. */
  readonly foreignKey: readonly string[];
  readonly options: RelationOptions & Partial<ThroughOptions> & ChildOptions & { readonly orderBy?: unknown };
}

function relation<R>(
  kind: RelationKind,
  target: () => EntityClass,
  foreignKey: string | readonly string[],
  options: Relation<R>['options'] = {},
): Relation<R> {
  return Object.freeze({ kind, target, foreignKey: [foreignKey].flat(), options }) as unknown as Relation<R>;
}

/** The entities whose `foreignKey` holds this one's key (for a key of several columns an array, in its order). */
export function hasMany<T extends AnyMapped>(
  target: () => EntityClass<T>,
  foreignKey: ColumnKey<T> | readonly ColumnKey<T>[],
  options?: CollectionOptions<T> & ChildOptions,
): Relation<T[]> {
  return relation('hasMany', target, foreignKey, options);
}

/** The one entity whose `foreignKey` holds this one's key; null where there is none. */
export function hasOne<T extends AnyMapped>(
  target: () => EntityClass<T>,
  foreignKey: ColumnKey<T> | readonly ColumnKey<T>[],
  options?: RelationOptions & ChildOptions,
): Relation<T | null> {
  return relation('hasOne', target, foreignKey, options);
}

/** The entity whose key this one's `foreignKey` holds; null where that is null. */
export function belongsTo<T extends AnyMapped>(
  target: () => EntityClass<T>,
  foreignKey: string | readonly string[],
  options?: RelationOptions,
): Relation<T> {
  return relation('belongsTo', target, foreignKey, options);
}

/**
 * The entities on the other side of a table of pairs:
 * `manyToMany(() => Language, { through: 'spoken', from: 'country_id', to: 'language_id' })`.
 */
export function manyToMany<T extends AnyMapped>(
  target: () => EntityClass<T>,
  options: ThroughOptions & CollectionOptions<T>,
): Relation<T[]> {
  return relation('manyToMany', target, [], options);
}
