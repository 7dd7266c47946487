import { MappingError, show } from '../../errors.js';
import type { Columns } from '../columns/column.js';
import { relationProperty } from '../relations/accessor.js';
import { comparer, instanceCreator } from './instance.js';
import { isCollection, type MappedColumn, type MappedRelation, type Mapping, missingColumn } from './mapping.js';
import type { EntityClass, Relation } from './relation.js';
import { resolveRelation } from './relation-resolver.js';

const mappings = new WeakMap<EntityClass, Mapping>();
/** The class that was mapped, by what Entity() made for it. */
const classes = new WeakMap<object, EntityClass>();

/** The mapping of an entity's class; made, and its relations made properties, at the first use. */
export function mappingOf(entity: EntityClass): Mapping {
  let mapping = mappings.get(entity);
  if (mapping === undefined) mappings.set(entity, (mapping = compile(entity)));
  return mapping;
}

/** Two classes over one table would be two objects of one row. */
function refuseSecondClass(entity: EntityClass): void {
  let made: object = entity;
  while (!Object.hasOwn(made, 'table')) made = Object.getPrototypeOf(made);
  const other = classes.get(made);
  if (other !== undefined && other !== entity)
    throw new MappingError({
      entity: entity.name,
      problem: `it has its table together with ${other.name}, which is an entity itself`,
      wayOut: `Let both extend Entity(…), over tables of their own.`,
    });
  classes.set(made, entity);
}

function compile(entity: EntityClass): Mapping {
  const {
    table,
    columns: defined,
    relations = {},
  } = (entity ?? {}) as unknown as { table?: string; columns?: Columns; relations?: Record<string, Relation<unknown>> };
  if (typeof table !== 'string' || defined === undefined) {
    throw new MappingError({
      entity: entity?.name ?? show(entity),
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

  const byProperty = new Map<string, MappedColumn>(columns.map((column) => [column.property, column]));
  const byProperties = new Map<string, readonly MappedColumn[]>();
  const resolved = new Map<string, MappedRelation>();
  const mapping: Mapping = {
    entity,
    name,
    table,
    columns,
    key,
    version: columns.find(({ definition }) => definition.isVersion),
    relationNames: Object.keys(relations),
    relation: (relationName) => {
      let relation = resolved.get(relationName);
      if (relation === undefined) {
        relation = resolveRelation(mapping, relationName, relations[relationName], mappingOf);
        resolved.set(relationName, relation);
      }
      return relation;
    },
    foreignKeys: new Map(),
    incoming: new Set(),
    isPaired: false,
    between: new Set(),
    find: (property) => byProperty.get(property),
    column: (property) => byProperty.get(property) ?? missingColumn(mapping, property),
    foreignKey: (properties) => {
      const id = properties.join();
      const foreignKey = byProperties.get(id) ?? properties.map(mapping.column);
      byProperties.set(id, foreignKey);
      return foreignKey;
    },
    create: instanceCreator(entity, columns),
    isChanged: comparer(columns),
    texts: new Map(),
  };
  refuseSecondClass(entity);
  defineRelations(entity, relations, byProperty);
  return mapping;
}

/** Relations are properties of the prototype. */
function defineRelations(
  entity: EntityClass,
  relations: Record<string, Relation<unknown>>,
  columns: ReadonlyMap<string, MappedColumn>,
): void {
  const { name } = entity;
  for (const [relationName, relation] of Object.entries(relations)) {
    if (columns.has(relationName)) {
      throw new MappingError({
        entity: name,
        problem: `'${relationName}' is both a column and a relation`,
        wayOut: 'Give one of them another name.',
      });
    }
    const property = relationProperty(name, relationName, isCollection(relation));
    Object.defineProperty(entity.prototype, relationName, property);
  }
}
