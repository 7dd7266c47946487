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

/** A plain object, and the entity that it speaks of. */
interface Merged {
  readonly mapping: Mapping;
  readonly instance: object;
  readonly isNew: boolean;
  readonly said: ReadonlyMap<string, unknown>;
}
/** By their plain objects. */
type Found = Map<object, Merged>;

/**
 * Brings plain objects into a session: each as the entity with its key, changed to what it says, or as a new one. All of
 * them are found, and what is wrong with them is told, before the first is changed.
 */
export function merge(session: MergeTarget, mapping: Mapping, plain: unknown): object {
  const found: Found = new Map();
  const { instance } = findAll(session, mapping, plain, found, new Map());
  for (const each of found.values()) setColumns(each);
  for (const each of found.values()) setRelations(each, found);
  for (const each of found.values()) if (each.isNew) session.add(each.instance);
  return instance;
}

function findAll(
  session: MergeTarget,
  mapping: Mapping,
  plain: unknown,
  found: Found,
  byKey: Map<string, object>,
): Merged {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    throw valueError(`merge(${mapping.name}, …)`, plain, 'a plain object with its columns');
  const known = found.get(plain);
  if (known !== undefined) return known;
  const said = new Map<string, unknown>(contents in plain ? (plain as HasContents)[contents]() : Object.entries(plain));
  for (const name of said.keys()) refuseUnknown(mapping, name);
  const merged = { mapping, said, ...find(session, mapping, said, byKey) };
  found.set(plain, merged);
  if (!merged.isNew) refuseStale(mapping, merged.instance, said);
  for (const { relation, members } of relationsIn(merged))
    for (const member of members) findAll(session, relation.target, member, found, byKey);
  return merged;
}

function find(
  session: MergeTarget,
  mapping: Mapping,
  said: ReadonlyMap<string, unknown>,
  byKey: Map<string, object>,
): { instance: object; isNew: boolean } {
  const given = Object.fromEntries(mapping.key.map(({ property }) => [property, said.get(property)]));
  const key = storedIn(given, mapping.key);
  // Something new may be named twice, by two objects with one key.
  const name = key && `${mapping.name} ${typeof identity(key)} ${String(identity(key))}`;
  const found = key && (session.get(mapping, key) ?? byKey.get(name as string));
  if (found !== undefined) return { instance: found, isNew: false };
  const instance = new (mapping.entity as unknown as new (init: object) => object)(given);
  if (name !== undefined) byKey.set(name, instance);
  return { instance, isNew: true };
}

/** The relations that a plain object says, with the plain objects in them. */
function relationsIn({ mapping, said }: Merged): { relation: MappedRelation; members: readonly unknown[] }[] {
  return mapping.relationNames.flatMap((name) => {
    const value = said.get(name);
    if (value === undefined) return [];
    const relation = mapping.relation(name);
    if (!isCollection(relation)) return { relation, members: value === null ? [] : [value] };
    if (!Array.isArray(value)) throw valueError(relation.place, value, 'an array');
    return { relation, members: value };
  });
}

function setColumns({ mapping, instance, said }: Merged): void {
  for (const column of mapping.columns) {
    const { isPrimaryKey, isVersion, generated } = column.definition;
    const value = said.get(column.property);
    if (value !== undefined && !isPrimaryKey && !isVersion && generated === undefined)
      setValue(instance, column, value);
  }
}

function setRelations(merged: Merged, found: Found): void {
  for (const { relation, members } of relationsIn(merged)) {
    const instances = members.map((member) => (found.get(member as object) as Merged).instance);
    (merged.instance as Record<string, unknown>)[relation.name] = isCollection(relation)
      ? instances
      : (instances[0] ?? null);
  }
}

/** An edit of what was loaded before somebody else's change would undo that without a word. */
function refuseStale(mapping: Mapping, instance: object, said: ReadonlyMap<string, unknown>): void {
  if (mapping.version === undefined) return;
  const edited = said.get(mapping.version.property);
  if (edited === undefined || edited === valueIn(instance, mapping.version)) return;
  const key = mapping.key.map((column) => String(valueIn(instance, column))).join(', ');
  throw new StaleEntityError({ entity: mapping.name, key, found: 'changed' });
}

function refuseUnknown(mapping: Mapping, name: string): void {
  if (mapping.find(name) === undefined && !mapping.relationNames.includes(name))
    throw unknownName('merge()', mapping.name, 'column or relation', name, namesOf(mapping));
}
