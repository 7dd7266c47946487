import type { RawBuilder } from 'kysely';
import { MappingError } from '../../errors.js';
import { nearest } from '../../plan/nearest.js';
import { type Columns, type Definition, databaseDefault, isExpression } from '../columns/column.js';

/** What a table has beside its columns, by the names of the entity's properties. */
export interface TableOptions<K extends string = string> {
  /** Columns that are unique together: `[['order', 'line']]`. */
  readonly unique?: readonly (readonly K[])[];
  /** Indexes, each of one or more columns: `[['name'], ['country', 'city']]`. */
  readonly indexes?: readonly (readonly K[])[];
  /** Conditions that the database holds each row to, over several columns: ``[sql`starts_at < ends_at`]``. */
  readonly checks?: readonly RawBuilder<unknown>[];
}

/** Refuses a table that cannot be meant as it is written, at once and not with the first statement. */
export function checkTable(table: string, columns: Columns, options: TableOptions): void {
  const refuse: Refuse = (problem, wayOut) => {
    throw new MappingError({ entity: `Entity('${table}')`, problem, wayOut });
  };
  for (const [property, { definition }] of Object.entries(columns)) checkColumn(property, definition, refuse);
  const inSql = Object.entries(columns).map(([property, { definition }]) => definition.name ?? property);
  const twice = inSql.find((name, i) => inSql.indexOf(name) < i);
  if (twice !== undefined) refuse(`two columns are called '${twice}' in SQL`, 'Give one of them another name.');
  const versions = Object.keys(columns).filter((property) => columns[property]?.definition.isVersion);
  if (versions.length > 1) refuse(`${versions.join(' and ')} are both a version()`, 'One counts all of its changes.');

  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name)) refuse(`it has no option '${name}'`, `Its options are ${OPTIONS.join(', ')}.`);
  const { unique = [], indexes = [], checks = [] } = options;
  for (const list of [...unique, ...indexes]) checkList(list, Object.keys(columns), refuse);
  if (!checks.every(isExpression)) refuse('one of its checks is no expression', 'Write sql`…`.');
}
type Refuse = (problem: string, wayOut: string) => never;
const OPTIONS = ['unique', 'indexes', 'checks'];
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function checkColumn(property: string, definition: Definition, refuse: Refuse): void {
  const name = definition.name ?? property;
  if (RESERVED.has(property))
    refuse(`a column cannot be the property '${property}'`, `Rename it: other: text('${name}').`);
  if (name.includes('.')) refuse(`the column '${name}' has a dot in its name`, 'A dot parts a table from its column.');

  const { generated, isVersion, isNullable, isPrimaryKey, default: given, onUpdate } = definition;
  if (generated !== undefined && (isPrimaryKey || given !== undefined || onUpdate !== undefined))
    refuse(
      `the column '${property}' is generated, and more`,
      'The database alone computes it: leave primaryKey(), default(), onUpdate() and version() out.',
    );
  if (isVersion && (isPrimaryKey || isNullable || onUpdate !== undefined || databaseDefault(definition) !== undefined))
    refuse(
      `the column '${property}' is a version, and more`,
      'The session alone counts it: leave primaryKey(), nullable(), onUpdate() and a default of the database out.',
    );
}

function checkList(list: readonly string[], properties: readonly string[], refuse: Refuse): void {
  if (!Array.isArray(list) || list.length === 0)
    refuse('its options unique and indexes are lists of columns', "Write [['a'], ['b', 'c']].");
  for (const property of list) {
    if (properties.includes(property)) continue;
    const meant = nearest(property, properties);
    refuse(
      `it has no column '${property}'`,
      meant === undefined ? `Its columns are ${properties.join(', ')}.` : `Did you mean '${meant}'?`,
    );
  }
  if (new Set(list).size < list.length) refuse(`'${list.join("', '")}' names a column twice`, 'Name it once.');
}
