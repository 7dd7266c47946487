import type { AnyClass, AnyFunction, AnyMapped, Carried, Detached, IsAny, Primitive } from './detached.js';

/** What may be said of the calls of a wrapped module. Times are in milliseconds, `Infinity` is no limit. */
export interface WrapOptions {
  /**
   * On how many threads the module is there, each with its own graph of modules and so its own state; default 1. Calls of
   * functions and classes go round; what they return stays on its thread.
   */
  readonly lanes?: number | undefined;
  /** Rejects with `signal.reason`. A call that waits is dropped; one that runs goes on, since to stop it would end its thread. */
  readonly signal?: AbortSignal | undefined;
  /** How long a call may run; default `Infinity`. One that blocks its thread for longer is ended with it. */
  readonly timeout?: number | undefined;
  /** How long a call may wait until its thread begins it; default `Infinity`. */
  readonly queueTimeout?: number | undefined;
}

declare const proxied: unique symbol;
/** What `proxy` has marked: it crosses as it is, to be called from the other thread. */
export interface Proxied {
  readonly [proxied]: true;
}

// biome-ignore-start lint/suspicious/noExplicitAny: `any` is the only type that every function and every class is assignable to
/** Methods that every object may have, and that make no service of it. */
type Conversion = 'constructor' | 'toString' | 'toLocaleString' | 'valueOf' | 'toJSON' | typeof Symbol.toPrimitive;
type Disposal = typeof Symbol.asyncDispose | typeof Symbol.dispose;
type IsMethod<T> =
  IsAny<T> extends true
    ? false
    : [NonNullable<T>] extends [never]
      ? false
      : NonNullable<T> extends AnyFunction | AnyClass
        ? true
        : false;
/** Whether an object has a method, and so is used where it is instead of being copied. */
type IsService<T> = true extends { [K in keyof T]-?: K extends Conversion ? false : IsMethod<T[K]> }[keyof T]
  ? true
  : false;

/**
 * What the caller gets of what a wrapped function returned. Functions, and objects with a method, stay on their thread and
 * are called there; all else is copied, with what of the former is in it.
 */
type Answered<T> =
  IsAny<T> extends true
    ? any
    : T extends Primitive | Carried
      ? T
      : T extends AnyMapped
        ? Detached<T>
        : T extends AnyClass | AnyFunction
          ? RemoteFunction<T> & AsyncDisposable
          : T extends ReadonlyMap<infer K, infer V>
            ? Map<Answered<K>, Answered<V>>
            : T extends ReadonlySet<infer V>
              ? Set<Answered<V>>
              : T extends readonly unknown[]
                ? { -readonly [K in keyof T]: Answered<T[K]> }
                : T extends symbol
                  ? never
                  : T extends object
                    ? IsService<T> extends true
                      ? Remote<T>
                      : { [K in keyof T]: Answered<T[K]> }
                    : T;

/** What may be passed to a wrapped function: data is copied, functions cross as `proxy(fn)`, and what came from there goes back. */
type Passed<T> =
  IsAny<T> extends true
    ? any
    : T extends Primitive | Carried
      ? T
      : T extends AnyClass
        ? RemoteFunction<T>
        : T extends (...args: infer A) => infer R
          ? (((...args: AnsweredEach<A>) => R | Promise<Awaited<R>>) & Proxied) | RemoteFunction<T>
          : T extends ReadonlyMap<any, any> | ReadonlySet<any>
            ? T
            : T extends readonly unknown[]
              ? { [K in keyof T]: Passed<T[K]> }
              : T extends object
                ? { [K in keyof T]: Passed<T[K]> } | (IsService<T> extends true ? Remote<T> | (T & Proxied) : never)
                : T;
type AnsweredEach<A extends readonly unknown[]> = { [I in keyof A]: Answered<A[I]> };
type PassedEach<A extends readonly unknown[]> = { [I in keyof A]: Passed<A[I]> };

type RemoteCall<T> = T extends (...args: infer A) => infer R
  ? (...args: PassedEach<A>) => Promise<Answered<Awaited<R>>>
  : unknown;
type RemoteNew<T> = T extends abstract new (
  ...args: infer A
) => infer I
  ? new (
      ...args: PassedEach<A>
    ) => Promise<Remote<I>>
  : unknown;
/** A function or class on its thread; of a class also its static members. */
export type RemoteFunction<T> = RemoteCall<T> &
  RemoteNew<T> &
  (T extends AnyClass ? { readonly [K in Exclude<keyof T, 'prototype'>]: Member<T[K]> } : unknown);

/** A property: a method is a function of promises; data is a promise, and what is in an object can be asked for by itself. */
type Member<T> =
  IsAny<T> extends true
    ? any
    : [T] extends [AnyFunction | AnyClass]
      ? RemoteFunction<T>
      : [T] extends [object]
        ? [T] extends [Whole]
          ? Promise<Answered<T>>
          : string extends keyof T
            ? Promise<Answered<T>>
            : { readonly [K in Exclude<keyof T, keyof Promise<unknown>>]: Member<T[K]> } & Promise<Answered<T>>
        : Promise<Answered<T>>;
type Whole = Carried | readonly unknown[] | ReadonlyMap<any, any> | ReadonlySet<any>;

/** An object that stays on its thread. Disposing of it disposes of the object too, where that can be, and frees it there. */
export type Remote<I> = {
  readonly [K in Exclude<keyof I, Disposal | typeof Symbol.iterator>]: Member<I[K]>;
} & AsyncDisposable &
  (I extends Iterator<infer T> ? AsyncIterable<Answered<T>> : unknown);

/** A module as its caller sees it: its functions and classes answer by promises, its constants are promises. */
export type Wrapped<M> = IsAny<M> extends true ? any : { readonly [K in keyof M]: Member<M[K]> };
// biome-ignore-end lint/suspicious/noExplicitAny: see above
