import type { RawRow } from '../connection/connection.js';
import type { ForeignKey, MappedRelation, Mapping } from './mapping/mapping.js';
import type { Collection } from './relations/collection.js';

/** The session of an instance, as its relations see it. */
export interface Home {
  /** The value of a relation that is not there yet. */
  load(instance: object, relation: string): unknown;
  /** An instance that this session knows, by its stored key. */
  find(mapping: Mapping, key: readonly unknown[]): object | undefined;
  /** Takes in an instance that a relation has brought along. */
  include(instance: object): void;
  /** A new child was given one of its instances as parent: somebody is going to add it. */
  expect(child: object): void;
  /** An instance's references or pairs have changed. */
  touch(instance: object): void;
  /** A relation of many is in memory: a flush looks for changes in it. */
  watch(collection: Collection): void;
}

/** Where an instance stands, as in SQLAlchemy; it is in exactly one of them. */
export type Status = 'transient' | 'pending' | 'persistent' | 'removed' | 'detached';

/** What a session knows of one instance, beside its columns. */
export class InstanceState {
  readonly mapping: Mapping;
  status: Status = 'transient';
  session: Home | undefined = undefined;
  /** The columns as they are stored, in the mapping's order: what a flush compares with. */
  row: RawRow | undefined = undefined;
  /** Properties that the database filled in when it was inserted: empty again when that is undone. */
  generated: readonly string[] | undefined = undefined;
  /** The instances of the same result, up to a window: their relations load together. */
  siblings: readonly object[] | undefined = undefined;
  /** The values of the relations that were loaded or assigned: an instance, null or a Collection. */
  related: Map<string, unknown> | undefined = undefined;
  /** Relations whose first touch is an error, because its query asked for that. */
  refused: ReadonlySet<string> | 'all' | undefined = undefined;
  /** Foreign keys that the next flush sets, because a relation says so. */
  references: Map<ForeignKey, Reference> | undefined = undefined;
  /** Parents whose keys were taken over since the transaction began: a key that is undone may be another's the next time. */
  followed: Map<ForeignKey, object> | undefined = undefined;
  /** Rows of many-to-many relations that the next flush inserts or deletes. */
  pairs: Map<MappedRelation, Map<object, 'link' | 'unlink'>> | undefined = undefined;

  constructor(mapping: Mapping) {
    this.mapping = mapping;
  }
}

/** Whose key a foreign key takes. */
export interface Reference {
  readonly parent: object | null;
  /** Where it takes nobody's: its children without a parent are deleted. */
  readonly isOrphan: boolean;
}

class Given {
  constructor(instance: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field gets onto an object made elsewhere
    return instance;
  }
}
/** A private field on every instance: no WeakMap is as quick, and nothing of it shows in a spread, a clone or a log. */
class Stamp extends Given {
  #state: InstanceState;
  constructor(instance: object, state: InstanceState) {
    super(instance);
    this.#state = state;
  }
  static of(instance: object): InstanceState | undefined {
    return #state in instance ? (instance as Stamp).#state : undefined;
  }
}

export function stamp(instance: object, state: InstanceState): InstanceState {
  new Stamp(instance, state);
  return state;
}
export const stateOf = (instance: object): InstanceState | undefined => Stamp.of(instance);
/** Of what is known to be an entity. */
export const knownState = (instance: object): InstanceState => Stamp.of(instance) as InstanceState;
export const mappingOfInstance = (instance: object): Mapping => knownState(instance).mapping;

/** Notes a relation's value with its instance. */
export function relate<T>(instance: object, name: string, value: T): T {
  const state = knownState(instance);
  state.related ??= new Map();
  state.related.set(name, value);
  return value;
}

/** Instances by their entity, in the order of the first of each. */
export function byMapping(instances: readonly object[]): Map<Mapping, object[]> {
  const groups = new Map<Mapping, object[]>();
  for (const instance of instances) {
    const { mapping } = knownState(instance);
    const group = groups.get(mapping);
    if (group === undefined) groups.set(mapping, [instance]);
    else group.push(instance);
  }
  return groups;
}
