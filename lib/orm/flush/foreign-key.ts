import { identity } from '../identity-map.js';
import {
  type ForeignKey,
  type MappedColumn,
  type Mapping,
  relationsOf,
  setValue,
  storedIn,
  valueIn,
} from '../mapping/mapping.js';
import { knownState } from '../state.js';

/** An instance whose key another's foreign key holds, or is to hold. */
export interface Parent {
  readonly parent: object;
  readonly foreignKey: ForeignKey;
}

const NONE: Parent[] = [];

/** Finds, among some instances, whose foreign keys point to whose keys: by relations, or by the values themselves. */
export function parentsAmong(instances: readonly object[], stored: 'as set' | 'as stored') {
  const mappings = new Set(instances.map((instance) => knownState(instance).mapping));
  // A relation says it from either side; asked for here, since it is resolved at its first use.
  for (const mapping of mappings) relationsOf(mapping);
  const members = new Set(instances);
  const byKey = new Map<Mapping, Map<unknown, object>>();
  const keyed = (parent: Mapping): Map<unknown, object> => {
    let known = byKey.get(parent);
    if (known !== undefined) return known;
    byKey.set(parent, (known = new Map()));
    for (const instance of instances) {
      const key = knownState(instance).mapping === parent ? valuesOf(instance, parent.key, stored) : undefined;
      if (key !== undefined) known.set(identity(key), instance);
    }
    return known;
  };
  return (child: object): Parent[] => {
    const { mapping, references } = knownState(child);
    if (mapping.foreignKeys.size === 0) return NONE;
    return [...mapping.foreignKeys].flatMap(([foreignKey, parentMapping]) => {
      const reference = stored === 'as set' ? references?.get(foreignKey) : undefined;
      if (reference !== undefined) {
        const { parent } = reference;
        return parent !== null && members.has(parent) ? [{ parent, foreignKey }] : [];
      }
      const key = mappings.has(parentMapping) ? valuesOf(child, foreignKey, stored) : undefined;
      const parent = key && keyed(parentMapping).get(identity(key));
      return parent === undefined ? [] : [{ parent, foreignKey }];
    });
  };
}

function valuesOf(instance: object, columns: ForeignKey, stored: 'as set' | 'as stored'): unknown[] | undefined {
  if (stored === 'as set') return storedIn(instance, columns);
  const { row } = knownState(instance);
  const values = columns.map(({ index }) => row?.[index] ?? null);
  return values.includes(null) ? undefined : values;
}

/** Sets an instance's foreign keys to the keys of the parents that its relations have given it. */
export function followReferences(instance: object, except: readonly ForeignKey[] = []): void {
  const state = knownState(instance);
  for (const [foreignKey, { parent }] of state.references ?? []) {
    if (except.includes(foreignKey)) continue;
    if (parent === null) {
      for (const column of columnsToEmpty(foreignKey)) setValue(instance, column, null);
      state.followed?.delete(foreignKey);
    } else {
      const { key } = knownState(parent).mapping;
      foreignKey.forEach((column, i) => setValue(instance, column, valueIn(parent, key[i] as MappedColumn)));
      (state.followed ??= new Map()).set(foreignKey, parent);
    }
    state.references?.delete(foreignKey);
  }
  if (state.references?.size === 0) state.references = undefined;
}

/**
 * Of several columns some may belong to the instance's own key: it is without a parent when one of them is null. Where none
 * may be, one is so that the flush refuses it.
 */
function columnsToEmpty(foreignKey: ForeignKey): readonly MappedColumn[] {
  const nullable = foreignKey.filter(({ definition }) => definition.isNullable);
  if (nullable.length > 0) return nullable;
  const free = foreignKey.filter(({ definition }) => !definition.isPrimaryKey);
  return free.length > 0 ? free : foreignKey;
}

/** Foreign keys whose parents are new, and have no key before they are inserted. */
export function pendingReferences(instance: object): ForeignKey[] {
  return [...(knownState(instance).references ?? [])].flatMap(([foreignKey, { parent }]) =>
    parent !== null && knownState(parent).row === undefined ? [foreignKey] : [],
  );
}

/** Whether a foreign key would be another with a parent's key. */
export function isMoved(instance: object, foreignKey: ForeignKey, parent: object | null): boolean {
  const key = parent === null ? undefined : knownState(parent).mapping.key;
  return foreignKey.some((column, i) => {
    const is = valueIn(instance, column) ?? null;
    return is !== (parent === null || key === undefined ? null : valueIn(parent, key[i] as (typeof key)[0]));
  });
}

/** Whether a foreign key may stay empty for a moment. */
export const mayBeEmpty = (foreignKey: ForeignKey): boolean =>
  foreignKey.some(({ definition }) => definition.isNullable && !definition.isPrimaryKey);
