import type { Connection, Statement } from '../../connection/connection.js';
import { DatabaseError, SchemaError } from '../../errors.js';
import { toQueryPlan } from '../../plan/query.js';
import { type Mapping, relationsOf } from '../mapping/mapping.js';
import { existingColumns } from './existing-columns.js';

/** Prepares a statement of an entity's; what the database lacks for it is told by the entity's names. */
export function prepare(connection: Connection, mapping: Mapping, sql: string): Statement {
  try {
    return connection.prepare(sql);
  } catch (error) {
    throw explainMissing(connection, mapping, error);
  }
}

/** An error of a statement, told as what the database lacks of the entity, or of one that it is related to; else as it is. */
function explainMissing(connection: Connection, mapping: Mapping, error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'syntax') return error;
  for (const wanted of wantedBy(mapping)) {
    const columns = error.sql?.includes(wanted.table) ? lackOf(connection, wanted) : undefined;
    if (columns !== undefined)
      return new SchemaError({ entity: wanted.entity, table: wanted.table, columns }, { cause: error });
  }
  return error;
}

interface Wanted {
  readonly entity: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/** The tables that statements about an entity are about: its own, and those that its relations reach. */
function* wantedBy(mapping: Mapping): Iterable<Wanted> {
  const relations = relationsOf(mapping);
  for (const { name, table, columns } of new Set([mapping, ...relations.map(({ target }) => target)]))
    yield { entity: name, table, columns: columns.map((column) => column.name) };
  for (const { place, through } of relations)
    if (through !== undefined)
      yield { entity: place, table: through.table, columns: [...through.ownerColumns, ...through.targetColumns] };
}

/** The columns that a table lacks, none where the table is not there at all; undefined where nothing is lacking. */
function lackOf(connection: Connection, { table, columns }: Wanted): string[] | undefined {
  const query = toQueryPlan(existingColumns(connection.dialect, table), connection.dialect);
  const rows = query === undefined ? [] : connection.prepare(query.sql).all(query.parameters);
  const existing = new Set(rows.map(([name]) => String(name).toLowerCase()));
  const missing = columns.filter((name) => !existing.has(name.toLowerCase()));
  if (missing.length === 0) return undefined;
  return existing.size === 0 ? [] : missing;
}
