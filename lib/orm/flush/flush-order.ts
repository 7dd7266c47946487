import { EntityStateError } from '../../errors.js';
import { type ForeignKey, type Mapping, relationsOf } from '../mapping/mapping.js';
import { byMapping, knownState } from '../state.js';
import { mayBeEmpty, type Parent, parentsAmong } from './foreign-key.js';
import { dependencyOrder } from './order.js';

/** Instances in batches of one entity, none of which needs another of its own batch. */
export interface FlushOrder {
  readonly batches: readonly (readonly object[])[];
  /** Foreign keys that have to be empty first, since their instances need each other. */
  readonly deferred: ReadonlyMap<object, readonly ForeignKey[]>;
}

/** The order of inserts: parents first. */
export function insertOrder(inserts: readonly object[]): FlushOrder {
  const batches = byMapping(inserts);
  const mappings = [...batches.keys()];
  if (!mappings.some((mapping) => mappings.some((parent) => pointsTo(mapping, parent))))
    return { batches: [...batches.values()], deferred: NOTHING };
  const { levels, deferred } = ordered(inserts, parentsAmong(inserts, 'as set'), (child, { parent }) => {
    // A row may point to itself, but not with a key that the database is only to make.
    return child !== parent || knownState(child).references !== undefined;
  });
  return { batches: levels.flat(), deferred };
}

const NOTHING: ReadonlyMap<object, readonly ForeignKey[]> = new Map();

function pointsTo(child: Mapping, parent: Mapping): boolean {
  relationsOf(child);
  relationsOf(parent);
  return [...child.foreignKeys.values()].includes(parent);
}

/** The order of deletes: children first. */
export function deleteOrder(deletes: readonly object[]): FlushOrder {
  const parentsOf = parentsAmong(deletes, 'as stored');
  const { levels, deferred } = ordered(deletes, parentsOf, (child, { parent }) => child !== parent);
  return { batches: levels.reverse().flat(), deferred };
}

function ordered(
  instances: readonly object[],
  parentsOf: (instance: object) => Parent[],
  counts: (child: object, parent: Parent) => boolean,
): { levels: object[][][]; deferred: Map<object, ForeignKey[]> } {
  const deferred = new Map<object, ForeignKey[]>();
  const parents = new Map<object, Parent[]>(
    instances.map((instance) => [instance, parentsOf(instance).filter((parent) => counts(instance, parent))]),
  );
  const order = dependencyOrder(
    instances,
    (each) => (parents.get(each) ?? []).map(({ parent }) => parent),
    (circle) => defer(circle, parents, deferred),
  );
  return { levels: byLevel(order, parents), deferred };
}

/** Opens a circle where a foreign key may be empty for a moment. */
function defer(circle: readonly object[], parents: Map<object, Parent[]>, deferred: Map<object, ForeignKey[]>): void {
  for (const [i, child] of circle.entries()) {
    const next = circle[(i + 1) % circle.length];
    const edges = (parents.get(child) ?? []).filter(({ parent }) => parent === next);
    if (!edges.every(({ foreignKey }) => mayBeEmpty(foreignKey))) continue;
    deferred.set(child, [...(deferred.get(child) ?? []), ...edges.map(({ foreignKey }) => foreignKey)]);
    parents.set(
      child,
      (parents.get(child) ?? []).filter((edge) => !edges.includes(edge)),
    );
    return;
  }
  const names = [...circle, circle[0] as object].map((instance) => knownState(instance).mapping.name);
  throw new EntityStateError({
    entity: names[0] as string,
    problem: `needs itself first: ${names.join(' -> ')}`,
    wayOut: 'Make one of the foreign keys nullable(): it is then written in a second step.',
  });
}

/** As many of one entity as possible together, parents a level before their children. */
function byLevel(order: readonly object[], parents: ReadonlyMap<object, readonly Parent[]>): object[][][] {
  const levelOf = new Map<object, number>();
  const levels: object[][] = [];
  for (const instance of order) {
    let level = 0;
    for (const { parent } of parents.get(instance) ?? []) level = Math.max(level, (levelOf.get(parent) ?? 0) + 1);
    levelOf.set(instance, level);
    levels[level] ??= [];
    levels[level]?.push(instance);
  }
  return levels.map((level) => [...byMapping(level).values()]);
}
