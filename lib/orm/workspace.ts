import type { Connection, RawRow } from '../connection/connection.js';
import { relate } from './accessor.js';
import { IdentityMap, keyPart } from './identity-map.js';
import { type MappedRelation, type Mapping, mappingOfInstance, readRow } from './mapping.js';
import { selectByKey, selectIn } from './select.js';
import { InstanceState, type RelationLoader, stamp, stateOf } from './state.js';

/** How many instances of one result load a relation together. */
const WINDOW = 256;

/**
 * The instances that one session knows and how rows become them: every path that loads a row ends here, so that one row
 * is one object.
 */
export class Workspace {
  readonly connection: Connection;
  readonly identities = new IdentityMap();
  readonly #loader: RelationLoader;

  constructor(connection: Connection, loader: RelationLoader) {
    this.connection = connection;
    this.#loader = loader;
  }

  /** Rows as instances: the known ones as they are, the others new, in windows that load their relations together. */
  hydrate(mapping: Mapping, rows: readonly RawRow[]): object[] {
    const instances = new Array<object>(rows.length);
    for (let start = 0; start < rows.length; start += WINDOW) {
      const siblings: object[] = [];
      const end = Math.min(start + WINDOW, rows.length);
      for (let i = start; i < end; i++) siblings.push((instances[i] = this.#instance(mapping, rows[i] as RawRow)));
      for (const instance of siblings) (stateOf(instance) as InstanceState).siblings = siblings;
    }
    return instances;
  }

  #instance(mapping: Mapping, row: RawRow): object {
    const key = keyOf(mapping, row);
    const known = this.identities.get(mapping, key);
    if (known !== undefined) return known;
    const instance = mapping.create(readRow(mapping, row));
    const state = stamp(instance, new InstanceState());
    state.status = 'persistent';
    state.session = this.#loader;
    state.row = row;
    this.identities.set(mapping, key, instance);
    return instance;
  }

  get(mapping: Mapping, key: readonly unknown[]): object | undefined {
    const known = this.identities.get(mapping, key);
    if (known !== undefined) return stateOf(known)?.status === 'removed' ? undefined : known;
    const row = selectByKey(this.connection, mapping, key);
    return row && this.hydrate(mapping, [row])[0];
  }

  /** Loads a relation for an instance and for its siblings that lack it, with one statement. */
  load(instance: object, name: string): unknown {
    const relation = mappingOfInstance(instance).relation(name);
    const state = stateOf(instance) as InstanceState;
    const window = (state.siblings ?? [instance]).filter((each) => lacks(each, name));
    if (!window.includes(instance)) window.push(instance);
    if (relation.kind === 'belongsTo') this.#loadOne(relation, window);
    else this.#loadMany(relation, window);
    return state.related?.get(name)?.value;
  }

  #loadOne(relation: MappedRelation, window: readonly object[]): void {
    const { target, foreignKey } = relation;
    const missing = new Map<unknown, unknown>();
    for (const instance of window) {
      const key = storedKey(instance, foreignKey.index);
      if (key !== null && this.identities.get(target, [key]) === undefined) missing.set(key, key);
    }
    const [key] = target.key;
    if (missing.size > 0 && key !== undefined)
      this.hydrate(target, selectIn(this.connection, target, key, [...missing.values()]));
    for (const instance of window) {
      const stored = storedKey(instance, foreignKey.index);
      const value = stored === null ? null : (this.identities.get(target, [stored]) ?? null);
      relate(stateOf(instance) as InstanceState, relation.name, { value, loaded: undefined, isAssigned: false });
    }
  }

  #loadMany(relation: MappedRelation, window: readonly object[]): void {
    const { owner, target, foreignKey } = relation;
    const index = owner.key[0]?.index as number;
    const members = new Map<unknown, object[]>();
    for (const instance of window) members.set(keyPart(storedKey(instance, index)), []);
    const rows = selectIn(
      this.connection,
      target,
      foreignKey,
      window.map((instance) => storedKey(instance, index)),
    );
    const instances = this.hydrate(target, rows);
    rows.forEach((row, i) => {
      const member = instances[i] as object;
      if (stateOf(member)?.status !== 'removed') members.get(keyPart(row[foreignKey.index]))?.push(member);
    });
    for (const instance of window) {
      const value = members.get(keyPart(storedKey(instance, index))) ?? [];
      relate(stateOf(instance) as InstanceState, relation.name, { value, loaded: [...value], isAssigned: false });
    }
  }
}

const lacks = (instance: object, name: string): boolean => {
  const state = stateOf(instance);
  return state?.row !== undefined && state.related?.get(name) === undefined;
};
const storedKey = (instance: object, index: number): unknown => stateOf(instance)?.row?.[index];

export const keyOf = (mapping: Mapping, row: RawRow): unknown[] => mapping.key.map(({ index }) => row[index]);
