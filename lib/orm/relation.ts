import type { AnyMapped, ColumnKey } from '../plan/detached.js';

/** An entity's class, seen from outside: something that `get` and `query` take. */
// biome-ignore lint/suspicious/noExplicitAny: a class of whatever constructor
export type EntityClass<T = AnyMapped> = abstract new (...args: any) => T;

/** What stands in `static relations`. `R` is the type of the property. */
export interface Relation<R> {
  readonly $type: R;
  readonly kind: 'hasMany' | 'belongsTo';
  readonly target: () => EntityClass;
  /** A property of the target (hasMany) or of the owner (belongsTo). */
  readonly foreignKey: string;
}

const relation = <R>(kind: Relation<R>['kind'], target: () => EntityClass, foreignKey: string): Relation<R> =>
  Object.freeze({ kind, target, foreignKey }) as Relation<R>;

/** The entities whose property `foreignKey` holds this one's key, as an array in the order of their own keys. */
export function hasMany<T extends AnyMapped>(target: () => EntityClass<T>, foreignKey: ColumnKey<T>): Relation<T[]> {
  return relation('hasMany', target, foreignKey);
}

/** The entity whose key this one's property `foreignKey` holds; null where that is null. */
export function belongsTo<T extends AnyMapped>(target: () => EntityClass<T>, foreignKey: string): Relation<T> {
  return relation('belongsTo', target, foreignKey);
}
