import { MappingError } from '../errors.js';
import type { Mapped } from '../plan/detached.js';
import { nearest } from '../plan/nearest.js';
import { contents } from '../wire/portable.js';
import type { Column, Columns } from './column.js';
import { mappingOf } from './mapper.js';
import { InstanceState, stamp, stateOf } from './state.js';

type Flat<T> = { [K in keyof T]: T[K] };
type Row<C extends Columns> = { -readonly [K in keyof C]: C[K]['$type'] };
/** What `new` takes: every column that has neither a default nor a null to fall back to. */
export type New<C extends Columns> = Flat<
  { [K in keyof C as C[K]['$optional'] extends true ? never : K]: C[K]['$type'] } & {
    [K in keyof C as C[K]['$optional'] extends true ? K : never]?: C[K]['$type'] | undefined;
  }
>;
export interface EntityBase<C extends Columns> {
  new (init: New<C>): Row<C> & Mapped<C>;
  readonly table: string;
  readonly columns: C;
}

/**
 * The base class of an entity: `class User extends Entity('user', { id: integer().primaryKey(), name: text() }) {}`.
 *
 * Columns become properties of each instance; relations, declared in `static relations`, load at the first touch.
 * An instance that comes from the database is made without its constructor and its field initializers.
 */
export function Entity<const N extends string, C extends Columns>(
  table: N,
  columns: C,
): EntityBase<C> & { readonly table: N } {
  for (const [property, { definition }] of Object.entries(columns)) {
    const refuse = (problem: string, wayOut: string) => {
      throw new MappingError({ entity: `Entity('${table}')`, problem, wayOut });
    };
    const name = definition.name ?? property;
    if (RESERVED.has(property))
      refuse(`a column cannot be the property '${property}'`, `Rename it: other: text('${name}').`);
    if (name.includes('.'))
      refuse(`the column '${name}' has a dot in its name`, 'A dot parts a table from its column.');
  }
  const properties = Object.keys(columns);

  class Base {
    static readonly table = table;
    static readonly columns = columns;

    constructor(init: Record<string, unknown>) {
      const mapping = mappingOf(new.target as never);
      for (const name of Object.keys(init))
        if (!Object.hasOwn(columns, name)) throw unknownColumn(mapping.name, name, properties);
      for (const [property, column] of Object.entries(columns))
        (this as Record<string, unknown>)[property] = initial(column, init[property]);
      stamp(this, new InstanceState(mapping));
    }

    *[contents](): Iterable<readonly [string, unknown]> {
      for (const property of properties) yield [property, (this as Record<string, unknown>)[property]];
      for (const [name, value] of stateOf(this)?.related ?? []) yield [name, value];
    }
  }
  return Base as unknown as EntityBase<C> & { readonly table: N };
}

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function initial({ definition }: Column<unknown, boolean, string>, given: unknown): unknown {
  if (given !== undefined) return given;
  if (definition.default !== undefined) {
    const { value } = definition.default;
    if (typeof value === 'function') return value();
    // Each entity its own, where a value can be changed in place.
    return Buffer.isBuffer(value) ? Buffer.from(value) : structuredClone(value);
  }
  return definition.isNullable ? null : undefined;
}

function unknownColumn(entity: string, name: string, properties: readonly string[]): Error {
  const meant = nearest(name, properties);
  return new MappingError({
    entity: `new ${entity}(…)`,
    problem: `it has no column '${name}'`,
    wayOut:
      meant === undefined
        ? `Its columns are ${properties.join(', ')}; set a relation after new.`
        : `Did you mean '${meant}'?`,
  });
}
