import type { Connection, RawRow } from '../connection/connection.js';
import { IdentityMap } from './identity-map.js';
import { keyOf, type Mapping } from './mapping/mapping.js';
import { selectByKey, WINDOW } from './query/select.js';
import { Visits } from './query/visits.js';
import type { Collection } from './relations/collection.js';
import { forgetRelation } from './relations/loaded-relation.js';
import { type Home, InstanceState, knownState, stamp } from './state.js';

/**
 * The instances that one session knows and how rows become them: every path that loads a row ends here, so that one row
 * is one object.
 */
export class Workspace {
  readonly connection: Connection;
  readonly identities = new IdentityMap();
  /** Relations of many that are loaded: a flush looks for changes in them. */
  readonly collections = new Set<Collection>();
  readonly visits = new Visits(this.identities, this.collections);
  readonly home: Home;

  constructor(connection: Connection, home: Home) {
    this.connection = connection;
    this.home = home;
  }

  /** Rows as instances: the known ones as they are, the others new, in windows that load their relations together. */
  hydrate(mapping: Mapping, rows: readonly RawRow[]): object[] {
    const instances = new Array<object>(rows.length);
    for (let start = 0; start < rows.length; start += WINDOW) {
      const end = Math.min(start + WINDOW, rows.length);
      const siblings = new Array<object>(end - start);
      for (let i = start; i < end; i++)
        siblings[i - start] = instances[i] = this.#instance(mapping, rows[i] as RawRow, siblings);
    }
    return instances;
  }

  #instance(mapping: Mapping, row: RawRow, siblings: readonly object[]): object {
    const key = keyOf(mapping, row);
    const known = this.identities.get(mapping, key);
    if (known !== undefined) {
      knownState(known).siblings = siblings;
      if (!this.visits.areOver) this.visits.meet(known, false);
      return known;
    }
    const instance = mapping.create(row);
    const state = stamp(instance, new InstanceState(mapping));
    state.status = 'persistent';
    state.session = this.home;
    state.row = row;
    state.siblings = siblings;
    this.identities.set(mapping, key, instance);
    if (!this.visits.areOver) this.visits.meet(instance, true);
    return instance;
  }

  get(mapping: Mapping, key: readonly unknown[]): object | undefined {
    const known = this.identities.get(mapping, key);
    if (known !== undefined) {
      this.visits.adopt(known);
      return knownState(known).status === 'removed' ? undefined : known;
    }
    const row = selectByKey(this.connection, mapping, key);
    return row && this.hydrate(mapping, [row])[0];
  }

  /** An instance's relations are loaded anew when they are asked for. */
  forgetRelations(instance: object): void {
    const state = knownState(instance);
    for (const name of [...(state.related?.keys() ?? [])]) forgetRelation(this.collections, instance, name);
    state.references = undefined;
    state.pairs = undefined;
  }
}
