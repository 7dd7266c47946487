import type { ColumnKey, Mapped, RelationKey } from '../../plan/detached.js';

/** The entity at the other end of a relation. */
export type Target<T, K> = K extends keyof T
  ? NonNullable<T[K]> extends readonly (infer U)[]
    ? U
    : NonNullable<T[K]>
  : never;

/** `'addresses'`, `'orders.items'`: relations from here, up to three steps. */
export type RelationPath<T, Depth extends 0[] = []> = Depth['length'] extends 3
  ? never
  : { [K in RelationKey<T>]: K | `${K}.${RelationPath<Target<T, K>, [...Depth, 0]>}` }[RelationKey<T>];

/** A path with the relations along it: `'orders' | 'orders.items'`. */
export type Along<P> = P extends `${infer H}.${infer Rest}` ? H | `${H}.${Along<Rest>}` : P;

/** A path itself where it leads to a column, through relations or not; else what it could be: the compiler prints that. */
export type ColumnPath<T, P extends string> =
  P extends ColumnKey<T>
    ? P
    : P extends `${infer H}.${infer Rest}`
      ? H extends RelationKey<T>
        ? `${H}.${ColumnPath<Target<T, H>, Rest>}`
        : ColumnKey<T> | `${RelationKey<T>}.${string}`
      : ColumnKey<T> | `${RelationKey<T>}.${string}`;

/** The type of the column at the end of a path. */
export type ValueAt<T, P> =
  T extends Mapped<infer C>
    ? P extends keyof C
      ? C[P]['$type']
      : P extends `${infer H}.${infer Rest}`
        ? ValueAt<Target<T, H>, Rest>
        : never
    : never;
