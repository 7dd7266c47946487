declare const columns: unique symbol;
declare const loaded: unique symbol;
declare const sessionOf: unique symbol;
declare const unfinished: unique symbol;
declare const because: unique symbol;

/** A sentence in the place of a type: the compiler prints it where a call cannot be right. */
export interface Refused<Why extends string> {
  readonly [because]: Why;
}

/** The part of an entity's columns that types outside of the ORM read: the type of each property. */
export type ColumnTypes = Record<string, { readonly $type: unknown }>;

/** What every entity instance is. A class, so that a spread `{ ...user }` is no longer one. */
export declare abstract class Mapped<C extends ColumnTypes> {
  get [columns](): C;
}
/** Relations that a query has loaded ahead, such as `'orders' | 'orders.items'`: they are surely there after detaching. */
export declare abstract class Loaded<K extends PropertyKey> {
  get [loaded](): { readonly [P in K]: true };
}
/** What a unit's first parameter must be; the ORM's `Session` extends it. */
export interface UnitSession {
  readonly [sessionOf]: true;
}
/** What the ORM's `Query` extends, so that returning one without `.all()` is noticed. */
export interface Unfinished {
  readonly [unfinished]: true;
}

// biome-ignore-start lint/suspicious/noExplicitAny: `any` is the only type that every function and every entity is assignable to
export type AnyFunction = (...args: any[]) => unknown;
export type AnyClass = abstract new (...args: any[]) => unknown;
export type AnyMapped = Mapped<any>;
export type IsAny<T> = 0 extends 1 & T ? true : false;

export type Primitive = string | number | boolean | bigint | null | undefined | void;
/** Carried as they are, class included; of an Error the language's own class. */
export type Carried = Date | RegExp | ArrayBuffer | SharedArrayBuffer | ArrayBufferView | Error;

export type ColumnKey<T> = T extends Mapped<infer C> ? keyof C & string : never;
/** Property names of an entity that are relations: not a column, and holding entities. */
export type RelationKey<T> =
  T extends Mapped<infer C>
    ? keyof {
        [K in keyof T as K extends keyof C | symbol
          ? never
          : NonNullable<T[K]> extends AnyMapped | readonly AnyMapped[]
            ? K
            : never]: 1;
      } &
        string
    : never;
type LoadedKey<T> = T extends Loaded<never> ? keyof T[typeof loaded] : never;
type LoadedRelation<T> = LoadedKey<T> extends infer P ? (P extends `${infer Head}.${string}` ? Head : P) : never;
/** What is loaded behind the relation K, by the entities there. */
type LoadedBehind<T, K extends string> =
  LoadedKey<T> extends infer P ? (P extends `${K}.${infer Rest}` ? Rest : never) : never;
type LoadedWith<V, P extends string> = [P] extends [never]
  ? V
  : V extends readonly (infer M)[]
    ? (M & Loaded<P>)[]
    : V extends AnyMapped
      ? V & Loaded<P>
      : V;

type DetachedEntity<T> = { -readonly [K in ColumnKey<T>]: K extends keyof T ? Detached<T[K]> : never } & {
  [K in RelationKey<T> as K extends LoadedRelation<T> ? K : never]: K extends keyof T
    ? Detached<LoadedWith<T[K], LoadedBehind<T, K>>>
    : never;
} & { [K in RelationKey<T> as K extends LoadedRelation<T> ? never : K]?: K extends keyof T ? Detached<T[K]> : never };

/**
 * What the caller gets of what a unit returned: of entities the columns and the loaded relations, without methods and
 * getters; of the rest what structured clone keeps.
 */
export type Detached<T> =
  IsAny<T> extends true
    ? any
    : T extends Primitive | Carried
      ? T
      : T extends AnyMapped
        ? DetachedEntity<T>
        : T extends Unfinished
          ? Refused<'a query is not a result: end it with all(), first() or count()'>
          : T extends ReadonlyMap<infer K, infer V>
            ? Map<Detached<K>, Detached<V>>
            : T extends ReadonlySet<infer V>
              ? Set<Detached<V>>
              : T extends readonly unknown[]
                ? { -readonly [K in keyof T]: Detached<T[K]> }
                : T extends AnyFunction | symbol
                  ? never
                  : T extends object
                    ? { [K in keyof T as T[K] extends AnyFunction ? never : K]: Detached<T[K]> }
                    : T;

/** What may cross as an argument. A function inside is replaced by the sentence, so that the message names the property. */
export type Sendable<T> =
  IsAny<T> extends true
    ? any
    : T extends Primitive | Carried
      ? T
      : T extends AnyMapped
        ? Refused<'an entity stays on its thread: send its key, or take Detached<E> as the parameter'>
        : T extends AnyFunction | symbol
          ? Refused<'a function cannot cross to the worker: send data'>
          : T extends PromiseLike<any>
            ? Refused<'a promise cannot cross to the worker: await it first'>
            : T extends Map<infer K, infer V>
              ? Map<Sendable<K>, Sendable<V>>
              : T extends Set<infer V>
                ? Set<Sendable<V>>
                : T extends ReadonlyMap<infer K, infer V>
                  ? ReadonlyMap<Sendable<K>, Sendable<V>>
                  : T extends ReadonlySet<infer V>
                    ? ReadonlySet<Sendable<V>>
                    : T extends object
                      ? { [K in keyof T]: Sendable<T[K]> }
                      : T;
// biome-ignore-end lint/suspicious/noExplicitAny: see above
