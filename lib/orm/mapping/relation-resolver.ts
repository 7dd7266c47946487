import { MappingError, show } from '../../errors.js';
import { type MappedRelation, type Mapping, type Order, relationsOf, type Through } from './mapping.js';
import type { Direction, EntityClass, Relation } from './relation.js';

/** A relation as its entity declares it, with the columns that it names. */
export function resolveRelation(
  owner: Mapping,
  name: string,
  relation: Relation<unknown> | undefined,
  mappingOf: (entity: EntityClass) => Mapping,
): MappedRelation {
  if (relation === undefined)
    throw refusal(
      owner,
      `it has no relation '${name}'`,
      `Its relations are ${owner.relationNames.join(', ') || '(none)'}.`,
    );
  const { kind, options } = relation;
  const place = `${owner.name}.${name}`;
  const target = mappingOf(entityOf(owner, name, relation.target));
  const isUp = kind === 'belongsTo';
  const parent = isUp ? target : owner;
  const foreignKey = kind === 'manyToMany' ? [] : (isUp ? owner : target).foreignKey(relation.foreignKey);
  if (kind !== 'manyToMany') sameCount(owner, place, parent, foreignKey.length);
  const through = kind === 'manyToMany' ? throughOf(owner, place, target, relation, mappingOf) : undefined;

  let inverse: MappedRelation | undefined;
  let isInverseKnown = false;
  const resolved: MappedRelation = {
    name,
    place,
    kind,
    owner,
    target,
    foreignKey,
    through,
    order: orderOf(target, options.orderBy),
    isLazy: options.lazy !== 'refuse',
    onRemove: options.onRemove,
    deletesOrphans: options.orphans === 'delete',
    get inverse() {
      // Not before it is asked for: the other side resolves its relations for that, this one among them.
      if (!isInverseKnown) inverse = relationsOf(target).find((other) => isInverse(resolved, other));
      isInverseKnown = true;
      return inverse;
    },
  };
  if (through !== undefined) target.isPaired = true;
  through?.entity?.between.add(resolved);
  if (kind === 'hasMany' || kind === 'hasOne') target.incoming.add(resolved);
  if (kind !== 'manyToMany') (isUp ? owner : target).foreignKeys.set(foreignKey, parent);
  return resolved;
}

function isInverse(one: MappedRelation, other: MappedRelation): boolean {
  if (other === one || other.target !== one.owner || other.owner !== one.target) return false;
  if (one.through !== undefined)
    return (
      other.through?.table === one.through.table &&
      other.through.ownerColumns.join() === one.through.targetColumns.join() &&
      other.through.targetColumns.join() === one.through.ownerColumns.join()
    );
  return other.foreignKey === one.foreignKey && (one.kind === 'belongsTo') !== (other.kind === 'belongsTo');
}

const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));

function entityOf(owner: Mapping, name: string, thunk: () => EntityClass): EntityClass {
  if (typeof thunk !== 'function' || isClass(thunk))
    throw refusal(
      owner,
      `its relation '${name}' is given ${show(thunk)} instead of a function that answers with an entity`,
      'Write a thunk around the class, which may stand further down: hasMany(() => Address, …).',
    );
  const entity = thunk();
  if (entity !== undefined) return entity;
  throw refusal(
    owner,
    `the target of its relation '${name}' is undefined`,
    'Write the thunk around the class: hasMany(() => Address, …), and import the class, not its type.',
  );
}

function throughOf(
  owner: Mapping,
  place: string,
  target: Mapping,
  { options: { through, from = [], to = [] } }: Relation<unknown>,
  mappingOf: (entity: EntityClass) => Mapping,
): Through {
  const entity = typeof through === 'function' ? mappingOf(through()) : undefined;
  const table = entity?.table ?? through;
  if (typeof table !== 'string')
    throw refusal(owner, `${place} has no table of pairs`, "Say which: { through: 'spoken', from: …, to: … }.");
  const inSql = (names: string | readonly string[]): string[] =>
    [names].flat().map((each) => (entity === undefined ? each : entity.column(each).name));
  const ownerColumns = inSql(from);
  const targetColumns = inSql(to);
  sameCount(owner, `${place}, from`, owner, ownerColumns.length);
  sameCount(owner, `${place}, to`, target, targetColumns.length);
  if (entity !== undefined) {
    entity.foreignKeys.set(entity.foreignKey([from].flat()), owner);
    entity.foreignKeys.set(entity.foreignKey([to].flat()), target);
  }
  return { table, entity, ownerColumns, targetColumns };
}

function sameCount(owner: Mapping, place: string, parent: Mapping, count: number): void {
  if (count === parent.key.length) return;
  const key = parent.key.map(({ property }) => property).join(', ');
  throw refusal(
    owner,
    `${place} names ${count} ${count === 1 ? 'column' : 'columns'} for the key of ${parent.name} (${key})`,
    'Name one column for each column of the key, in its order.',
  );
}

function orderOf(target: Mapping, orderBy: unknown): Order[] {
  if (orderBy === undefined) return [];
  const directions = typeof orderBy === 'string' ? { [orderBy]: 'asc' } : (orderBy as Record<string, string>);
  return Object.entries(directions).map(([property, direction]) => {
    const column = target.column(property);
    if (direction !== 'asc' && direction !== 'desc')
      throw refusal(target, `the order of ${column.place} is '${direction}'`, "It is 'asc' or 'desc'.");
    return { column, direction: direction as Direction };
  });
}

const refusal = ({ name }: Mapping, problem: string, wayOut: string) =>
  new MappingError({ entity: name, problem, wayOut });
