import type { Expression, SqlBool } from 'kysely';
import { valueError } from '../../errors.js';
import type { DialectName } from '../../plan/dialect.js';
import { kyselySql } from '../../plan/kysely.js';
import type { Mapping } from '../mapping/mapping.js';
import { bound, comparable, equatable } from './comparable.js';
import type { Bound, Builder, Comparison, Condition, Existence, Free } from './condition.js';

/** Where conditions stand: in the query itself, or in a subquery, which has its table under a name of its own. */
export interface Scope {
  /** How the table is called here. */
  readonly name: string;
  /** Before a column: nothing in the query itself, where there is one table only. */
  readonly prefix: string;
  /** Every name that means something here. */
  readonly taken: readonly string[];
  readonly dialect: DialectName;
}
export const outermost = (dialect: DialectName, { table }: Mapping): Scope => ({
  name: table,
  prefix: '',
  taken: [table],
  dialect,
});

/** A condition in Kysely's words. */
export function predicate(eb: Builder, condition: Condition, scope: Scope): Expression<SqlBool> {
  switch (condition.kind) {
    case 'comparison':
      return compared(eb, condition, scope);
    case 'bound':
      return bounded(condition, scope);
    case 'existence': {
      const exists = eb.exists(members(eb, condition, scope));
      return condition.isThere ? exists : eb.not(exists);
    }
    case 'free':
      return said(condition, eb);
    default:
      return condition satisfies never;
  }
}

/** What a program's function answers; `true` would be no condition, and a comparison in JavaScript none of SQL's. */
function said({ say }: Free, eb: Builder): Expression<SqlBool> {
  const expression: unknown = say(eb);
  if (typeof expression === 'object' && expression !== null && 'toOperationNode' in expression)
    return expression as Expression<SqlBool>;
  throw valueError('where()', expression, "an expression from its function, such as (eb) => eb('age', '>', 3)");
}

function compared(
  eb: Builder,
  { column, operator, values }: Comparison,
  { prefix, dialect }: Scope,
): Expression<SqlBool> {
  const name = `${prefix}${column.name}`;
  const equated = equatable(dialect, column, name);
  const given = (value: unknown) => bound(dialect, column, value);
  // A list of nothing is no SQL but SQLite's.
  const listed = (which: 'in' | 'not in') =>
    values.length === 0 && dialect !== 'sqlite'
      ? kyselySql<SqlBool>`${kyselySql.lit(which === 'in' ? 0 : 1)} = 1`
      : eb(equated, which, values.map(given));
  switch (operator) {
    case 'in or null':
      return eb.or([listed('in'), eb(name, 'is', null)]);
    case 'not in or null':
      return eb.and([listed('not in'), eb(name, 'is not', null)]);
    case 'is':
    case 'is not':
      return eb(name, operator, null);
    case 'in':
    case 'not in':
      return listed(operator);
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const [left, right] = [kyselySql.ref(name), given(values[0])];
      return eb(comparable(dialect, column, left), operator, comparable(dialect, column, right));
    }
    case 'like':
    case 'not like':
      return eb(name, operator, values[0]);
    default:
      return eb(equated, operator, given(values[0]));
  }
}

function bounded({ columns, operator, values }: Bound, { prefix, dialect }: Scope): Expression<SqlBool> {
  const names = kyselySql.join(columns.map(({ name }) => kyselySql.ref(`${prefix}${name}`)));
  const limits = kyselySql.join(columns.map((column, i) => bound(dialect, column, values[i])));
  return columns.length === 1
    ? kyselySql<SqlBool>`${names} ${kyselySql.raw(operator)} ${limits}`
    : kyselySql<SqlBool>`(${names}) ${kyselySql.raw(operator)} (${limits})`;
}

/** The rows at the other end of a relation, tied to the row outside. */
function members(eb: Builder, { relation, conditions }: Existence, outside: Scope) {
  const { name, kind, target, owner, foreignKey, through } = relation;
  const alias = unlike(name, outside.taken);
  const from = eb.selectFrom(`${target.table} as ${alias}`).select(eb.lit(1).as('found'));
  const tie = (query: typeof from, inside: readonly string[], beyond: readonly { readonly name: string }[]) =>
    inside.reduce((tied, column, i) => tied.whereRef(column, '=', `${outside.name}.${beyond[i]?.name}`), query);
  const taken = [...outside.taken, alias];
  let query: typeof from;
  if (through !== undefined) {
    const pairs = unlike(`${name}_pairs`, taken);
    taken.push(pairs);
    const joined = from.innerJoin(`${through.table} as ${pairs}`, (join) =>
      through.targetColumns.reduce(
        (on, column, i) => on.onRef(`${pairs}.${column}`, '=', `${alias}.${target.key[i]?.name}`),
        join,
      ),
    );
    query = tie(
      joined,
      through.ownerColumns.map((column) => `${pairs}.${column}`),
      owner.key,
    );
  } else {
    const [inside, beyond] = kind === 'belongsTo' ? [target.key, foreignKey] : [foreignKey, owner.key];
    query = tie(
      from,
      inside.map((column) => `${alias}.${column.name}`),
      beyond,
    );
  }
  const scope: Scope = { ...outside, name: alias, prefix: `${alias}.`, taken };
  return conditions.reduce((filtered, each) => filtered.where((within) => predicate(within, each, scope)), query);
}

/** A name that means nothing else where it is used; names that differ by case alone are one name in SQL. */
function unlike(name: string, taken: readonly string[]): string {
  const known = new Set(taken.map((each) => each.toLowerCase()));
  let free = name;
  for (let i = 2; known.has(free.toLowerCase()); i++) free = `${name}_${i}`;
  return free;
}
