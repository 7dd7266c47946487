import type { RawRow } from '../connection/connection.js';

/** What loads a relation that is not there yet: the session of the instance. */
export interface RelationLoader {
  load(instance: object, relation: string): unknown;
}

/** Where an instance stands, as in SQLAlchemy; it is in exactly one of them. */
export type Status = 'transient' | 'pending' | 'persistent' | 'removed' | 'detached';

/** What a session knows of one instance, beside its columns. */
export class InstanceState {
  status: Status = 'transient';
  session: RelationLoader | undefined = undefined;
  /** The columns as they are stored, in the mapping's order: what a flush compares with. */
  row: RawRow | undefined = undefined;
  /** Properties that the database filled in when it was inserted: empty again when that is undone. */
  generated: readonly string[] | undefined = undefined;
  /** The instances of the same result, up to a window: their relations load together. */
  siblings: readonly object[] | undefined = undefined;
  /** Relations that were loaded or assigned. */
  related: Map<string, Related> | undefined = undefined;
}

/** A relation of one instance. */
export interface Related {
  readonly value: unknown;
  /** Of a collection, its members as they were loaded: what a flush compares with. */
  readonly loaded: readonly object[] | undefined;
  /** Set by the program, and not yet by a flush in the foreign key. */
  readonly isAssigned: boolean;
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
