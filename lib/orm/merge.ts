import { StaleEntityError, valueError } from '../errors.js';
import type { AnyMapped, ColumnKey, RelationKey } from '../plan/detached.js';
import { contents, type HasContents } from '../wire/portable.js';
import { identity } from './identity-map.js';
import { isCollection, type MappedRelation, type Mapping, setValue, storedIn, valueIn } from './mapping/mapping.js';
import { namesOf, unknownName } from './mapping/named.js';

/** What `merge` takes: columns and relations of an entity that was detached, or made by hand; what is absent stays. */
export type Mergeable<T> = { readonly [K in ColumnKey<T>]?: K extends keyof T ? T[K] : never } & {
  readonly [K in RelationKey<T>]?: K extends keyof T ? MergeableRelation<T[K]> : never;
};
type MergeableRelation<V> = V extends readonly (infer M)[]
  ? readonly Mergeable<M>[]
  : V extends AnyMapped
    ? Mergeable<V>
    : V;

/** The session that something is merged into. */
export interface MergeTarget {
  /** By its stored key. */
  get(mapping: Mapping, key: readonly unknown[]): object | undefined;
  add(instance: object): void;
}

/** Brings plain objects into a session: each as the entity with its key, changed to what it says, or as a new one. */
export function merge(
  session: MergeTarget,
  mapping: Mapping,
  plain: unknown,
  merged = new Map<unknown, object>(),
): object {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    throw valueError(`merge(${mapping.name}, …)`, plain, 'a plain object with its columns');
  const known = merged.get(plain);
  if (known !== undefined) return known;
  const said = new Map<string, unknown>(contents in plain ? (plain as HasContents)[contents]() : Object.entries(plain));
  for (const name of said.keys()) refuseUnknown(mapping, name);

  const { instance, isNew } = find(session, mapping, said, merged);
  merged.set(plain, instance);
  if (!isNew) refuseStale(mapping, instance, said);
  for (const column of mapping.columns) {
    const { isPrimaryKey, isVersion, generated } = column.definition;
    const value = said.get(column.property);
    if (value !== undefined && !isPrimaryKey && !isVersion && generated === undefined)
      setValue(instance, column, value);
  }
  for (const name of mapping.relationNames) {
    if (said.has(name)) mergeRelation(session, mapping.relation(name), instance, said.get(name), merged);
  }
  if (isNew) session.add(instance);
  return instance;
}

function find(
  session: MergeTarget,
  mapping: Mapping,
  said: ReadonlyMap<string, unknown>,
  merged: Map<unknown, object>,
): { instance: object; isNew: boolean } {
  const given = Object.fromEntries(mapping.key.map(({ property }) => [property, said.get(property)]));
  const key = storedIn(given, mapping.key);
  // Something new may be named twice, by two objects with one key.
  const name = key && `${mapping.name} ${typeof identity(key)} ${String(identity(key))}`;
  const found = key && (session.get(mapping, key) ?? merged.get(name));
  if (found !== undefined) return { instance: found, isNew: false };
  const instance = new (mapping.entity as unknown as new (init: object) => object)(given);
  if (name !== undefined) merged.set(name, instance);
  return { instance, isNew: true };
}

/** An edit of what was loaded before somebody else's change would undo that without a word. */
function refuseStale(mapping: Mapping, instance: object, said: ReadonlyMap<string, unknown>): void {
  if (mapping.version === undefined) return;
  const edited = said.get(mapping.version.property);
  if (edited === undefined || edited === valueIn(instance, mapping.version)) return;
  const key = mapping.key.map((column) => String(valueIn(instance, column))).join(', ');
  throw new StaleEntityError({ entity: mapping.name, key, found: 'changed' });
}

function mergeRelation(
  session: MergeTarget,
  relation: MappedRelation,
  instance: object,
  value: unknown,
  merged: Map<unknown, object>,
): void {
  const target = instance as Record<string, unknown>;
  if (value === undefined) return;
  if (!isCollection(relation)) {
    target[relation.name] = value === null ? null : merge(session, relation.target, value, merged);
    return;
  }
  if (!Array.isArray(value)) throw valueError(relation.place, value, 'an array');
  target[relation.name] = value.map((member) => merge(session, relation.target, member, merged));
}

function refuseUnknown(mapping: Mapping, name: string): void {
  if (mapping.find(name) === undefined && !mapping.relationNames.includes(name))
    throw unknownName('merge()', mapping.name, 'column or relation', name, namesOf(mapping));
}
