import type { RawRow } from '../connection/connection.js';
import { MappingError, valueError } from '../errors.js';
import { relationProperty } from './accessor.js';
import type { Columns, Definition } from './column.js';
import type { EntityClass, Relation } from './relation.js';

export interface MappedColumn {
  readonly property: string;
  /** In SQL. */
  readonly name: string;
  /** In errors: `User.age`. */
  readonly place: string;
  readonly index: number;
  readonly definition: Definition;
}
export interface MappedRelation {
  readonly name: string;
  readonly place: string;
  readonly kind: Relation<unknown>['kind'];
  readonly owner: Mapping;
  readonly target: Mapping;
  /** The column that holds the key, on the target (hasMany) or on the owner (belongsTo). */
  readonly foreignKey: MappedColumn;
}

/** What an entity's class says, ready for use. Relations are resolved when they are asked for, since classes form circles. */
export interface Mapping {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly MappedColumn[];
  readonly key: readonly MappedColumn[];
  readonly relationNames: readonly string[];
  readonly relation: (name: string) => MappedRelation;
  readonly column: (property: string) => MappedColumn;
  /** An instance from its columns' values, made without the class's own constructor. */
  readonly create: (values: readonly unknown[]) => object;
  /** SQL texts of this entity's own statements, by what they are for. */
  readonly texts: Map<string, string>;
}

const mappings = new WeakMap<EntityClass, Mapping>();

/** The mapping of an entity's class; made, and its relations made properties, at the first use. */
export function mappingOf(entity: EntityClass): Mapping {
  let mapping = mappings.get(entity);
  if (mapping === undefined) mappings.set(entity, (mapping = compile(entity)));
  return mapping;
}

/** The mapping of an instance. */
export const mappingOfInstance = (instance: object): Mapping =>
  mappingOf(instance.constructor as unknown as EntityClass);

function compile(entity: EntityClass): Mapping {
  const {
    table,
    columns: defined,
    relations = {},
  } = entity as unknown as { table?: string; columns?: Columns; relations?: Record<string, Relation<unknown>> };
  if (typeof table !== 'string' || defined === undefined) {
    throw new MappingError({
      entity: entity?.name ?? String(entity),
      problem: 'it is no entity',
      wayOut: "Write class User extends Entity('user', { … }).",
    });
  }
  const { name } = entity;
  const columns = Object.entries(defined).map(([property, { definition }], index) => ({
    property,
    name: definition.name ?? property,
    place: `${name}.${property}`,
    index,
    definition,
  }));
  const key = columns.filter(({ definition }) => definition.isPrimaryKey);
  if (key.length === 0)
    throw new MappingError({
      entity: name,
      problem: 'it has no primary key',
      wayOut: 'Say which column it is: id: integer().primaryKey().',
    });

  const resolved = new Map<string, MappedRelation>();
  const mapping: Mapping = {
    name,
    table,
    columns,
    key,
    relationNames: Object.keys(relations),
    relation: (relationName) => {
      let relation = resolved.get(relationName);
      if (relation === undefined)
        resolved.set(relationName, (relation = resolve(mapping, relationName, relations[relationName])));
      return relation;
    },
    column: (property) => columns.find((column) => column.property === property) ?? missing(mapping, property),
    create: creator(entity, columns),
    texts: new Map(),
  };
  for (const [relationName, { kind }] of Object.entries(relations)) {
    if (columns.some(({ property }) => property === relationName)) {
      throw new MappingError({
        entity: name,
        problem: `'${relationName}' is both a column and a relation`,
        wayOut: 'Give one of them another name.',
      });
    }
    Object.defineProperty(entity.prototype, relationName, relationProperty(name, relationName, kind === 'hasMany'));
  }
  return mapping;
}

/** A constructor of our own with the class's prototype: the class's own constructor and fields are not run. */
function creator(entity: EntityClass, columns: readonly MappedColumn[]): Mapping['create'] {
  const properties = columns.map(({ property }) => property);
  function Instance(this: Record<string, unknown>, values: readonly unknown[]) {
    for (let i = 0; i < properties.length; i++) this[properties[i] as string] = values[i];
  }
  Instance.prototype = entity.prototype;
  const Constructor = Instance as unknown as new (values: readonly unknown[]) => object;
  return (values) => new Constructor(values);
}

function resolve(owner: Mapping, name: string, relation: Relation<unknown> | undefined): MappedRelation {
  if (relation === undefined) {
    throw new MappingError({
      entity: owner.name,
      problem: `it has no relation '${name}'`,
      wayOut: `Its relations are ${owner.relationNames.join(', ') || '(none)'}.`,
    });
  }
  const entity = relation.target();
  if (entity === undefined) {
    throw new MappingError({
      entity: owner.name,
      problem: `the target of its relation '${name}' is undefined`,
      wayOut: 'Write the thunk around the class: hasMany(() => Address, …), and import the class, not its type.',
    });
  }
  const target = mappingOf(entity);
  const one = relation.kind === 'belongsTo' ? target : owner;
  if (one.key.length !== 1)
    throw new MappingError({
      entity: one.name,
      problem: `the relation ${owner.name}.${name} points to its key of ${one.key.length} columns`,
      wayOut: 'Relations over composite keys are not there yet.',
    });
  const foreignKey = (relation.kind === 'belongsTo' ? owner : target).column(relation.foreignKey);
  return { name, place: `${owner.name}.${name}`, kind: relation.kind, owner, target, foreignKey };
}

function missing(mapping: Mapping, property: string): never {
  throw new MappingError({
    entity: mapping.name,
    problem: `it has no column '${property}'`,
    wayOut: `Its columns are ${mapping.columns.map((column) => column.property).join(', ')}.`,
  });
}

/** A property's value as it is stored; null where the column allows it. */
export function writeColumn({ definition, place }: MappedColumn, value: unknown): unknown {
  if (value === null && definition.isNullable) return null;
  if (value === null || value === undefined)
    throw valueError(place, value, definition.isNullable ? `a value or null` : 'a value: the column is not nullable()');
  return definition.type.write(value, place);
}
/** A stored value as the property has it. */
export function readColumn({ definition, place }: MappedColumn, stored: unknown): unknown {
  if (stored !== null) return definition.type.read(stored, place);
  if (definition.isNullable) return null;
  throw valueError(place, null, 'a value in the database, or else nullable()');
}
export const readRow = (mapping: Mapping, row: RawRow): unknown[] =>
  mapping.columns.map((column, i) => readColumn(column, row[i]));

/** Whether a stored value means what is stored already. */
export function isSame({ definition }: MappedColumn, stored: unknown, before: unknown): boolean {
  return (
    stored === before ||
    (stored !== null && before !== null && definition.type.same?.(stored, before) === true) ||
    sameInteger(stored, before)
  );
}
/** An integer may come as a number or as a bigint, by its size. */
const sameInteger = (a: unknown, b: unknown): boolean =>
  typeof a !== typeof b && isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b);
const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || Number.isSafeInteger(value);
