import { valueError } from '../errors.js';
import type { AnyFunction, AnyMapped, ColumnKey, Detached, RelationKey } from '../plan/detached.js';
import { valueIn } from './mapping/mapping.js';
import { namesOf, unknownName } from './mapping/named.js';
import { stateOf } from './state.js';

type One<T> = T extends readonly (infer M)[] ? M : NonNullable<T>;
/** `{ name: true, addresses: { street: true } }`: columns, getters, and relations with what is wanted of them. */
export type Picks<T> = {
  readonly [K in keyof T as K extends symbol ? never : T[K] extends AnyFunction ? never : K]?: K extends RelationKey<T>
    ? true | Picks<One<T[K]>>
    : true;
};
/** What `pick` answers with: plain objects that have what was asked for, and nothing else. */
export type Picked<T, P> = T extends null | undefined
  ? T
  : T extends readonly (infer M)[]
    ? Picked<M, P>[]
    : { [K in keyof P & keyof T]: P[K] extends true ? PickedWhole<T[K]> : Picked<T[K], P[K]> };
type PickedWhole<V> = V extends null | undefined
  ? V
  : V extends readonly (infer M extends AnyMapped)[]
    ? Columns<M>[]
    : V extends AnyMapped
      ? Columns<V>
      : Detached<V>;
type Columns<T> = { -readonly [K in ColumnKey<T>]: K extends keyof T ? Detached<T[K]> : never };

/**
 * Says what of an entity leaves the unit: `pick(user, { name: true, addresses: { street: true } })`. Relations that it
 * names are loaded, for siblings together; one that is only named comes with its columns. Getters may be named too.
 *
 * @throws CallError where it names what the entity does not have
 */
export function pick<T extends AnyMapped | readonly AnyMapped[] | null | undefined, const P extends Picks<One<T>>>(
  what: T,
  properties: P,
): Picked<T, P> {
  if (!isWish(properties)) throw valueError('pick()', properties, 'an object such as { name: true }');
  return pickAny(what, properties as Wanted) as Picked<T, P>;
}
type Wanted = Readonly<Record<string, unknown>>;
const isWish = (value: unknown): value is Wanted =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function pickAny(what: unknown, wanted: Wanted): unknown {
  if (what === null || what === undefined) return what;
  if (Array.isArray(what)) return what.map((each) => pickAny(each, wanted));
  const state = stateOf(what as object);
  if (state === undefined) throw valueError('pick()', what, 'an entity, an array of entities, or null');
  const { name: entity, relationNames } = state.mapping;
  const picked: Record<string, unknown> = {};
  for (const [name, want] of Object.entries(wanted)) {
    if (!(name in (what as object)) || name === '__proto__')
      throw unknownName('pick()', entity, 'property', name, namesOf(state.mapping));
    const value = (what as Record<string, unknown>)[name];
    if (typeof value === 'function')
      throw valueError(`pick(): ${entity}.${name}`, value, 'a column, a getter or a relation');
    if (isWish(want)) picked[name] = pickAny(value, want);
    else if (want === true) picked[name] = relationNames.includes(name) ? columnsOf(value) : value;
    else throw valueError(`pick(): ${entity}.${name}`, want, 'true, or what is wanted of a relation');
  }
  return picked;
}

function columnsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(columnsOf);
  const state = typeof value === 'object' && value !== null ? stateOf(value) : undefined;
  if (state === undefined) return value;
  return Object.fromEntries(state.mapping.columns.map((column) => [column.property, valueIn(value as object, column)]));
}
