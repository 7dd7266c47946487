import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { EntityStateError, valueError } from '../../errors.js';
import type { ColumnTypes, Mapped, RelationKey } from '../../plan/detached.js';
import { isMute } from '../../plan/plain-object.js';
import type { Columns } from '../columns/column.js';
import {
  isCollection,
  keyOf,
  type MappedColumn,
  type MappedRelation,
  type Mapping,
  writeColumn,
} from '../mapping/mapping.js';
import { columnNamed, namesOf, relationNamed, unknownName } from '../mapping/named.js';
import type { TableOf } from '../mapping/tables.js';
import { stateOf } from '../state.js';
import { type Comparison, type Condition, OPERATORS, type Operator } from './condition.js';
import type { Target } from './relation-path.js';
import { padded } from './select.js';

/**
 * What `where({ … })` takes: columns that equal a value, are null, or are one of an array; relations that lead to what
 * an object of the same form says, to an entity, or, with null, nowhere.
 */
export type Where<T> = (T extends Mapped<infer C> ? WhereColumns<C> : never) & {
  readonly [K in RelationKey<T>]?: Where<Target<T, K>> | Target<T, K> | null;
};
type WhereColumns<C extends ColumnTypes> = { readonly [K in keyof C]?: C[K]['$type'] | readonly C[K]['$type'][] };

/** What stands behind an operator. */
export type Operand<V, O extends Operator> = O extends 'in' | 'not in'
  ? readonly V[]
  : O extends '=' | '!='
    ? V
    : O extends 'like' | 'not like'
      ? NonNullable<V extends string ? string : V>
      : NonNullable<V>;

/** A condition in Kysely's words, with the table's names in SQL: `(eb) => eb.or([eb('age', '>', 3), …])`. */
export type Said<T, N extends string> =
  T extends Mapped<infer C>
    ? (eb: ExpressionBuilder<{ [K in N]: C extends Columns ? TableOf<C> : never }, N>) => Expression<SqlBool>
    : never;

/** Conditions from an object. */
export function conditionsIn(mapping: Mapping, wanted: object): Condition[] {
  return Object.entries(wanted).flatMap(([property, value]) => {
    const column = mapping.find(property);
    if (column !== undefined) return comparison(column, operatorFor(column, value), value);
    if (mapping.relationNames.includes(property)) return related(mapping.relation(property), value);
    throw unknownName('where()', mapping.name, 'column or relation', property, namesOf(mapping));
  });
}

function operatorFor(column: MappedColumn, value: unknown): Operator {
  if (!Array.isArray(value)) return '=';
  // A list of values, or one value that is a list: whoever means one would get the other without a word.
  if (column.definition.type.storedAs === 'json')
    throw valueError(
      column.place,
      value,
      `where('${column.property}', '=', …) for one value, or 'in' for a list of them`,
    );
  return 'in';
}

function related(relation: MappedRelation, value: unknown): Condition | Condition[] {
  const { place, kind, target, foreignKey } = relation;
  if (value === null) return { kind: 'existence', relation, conditions: [], isThere: false };
  const state = typeof value === 'object' ? stateOf(value) : undefined;
  if (state !== undefined) {
    if (state.mapping !== target) throw valueError(place, value, `an entity of ${target.name}`);
    if (state.row === undefined)
      throw new EntityStateError({
        entity: target.name,
        problem: `is not stored yet, so nothing has it as its ${relation.name}`,
        wayOut: 'Flush it first: session.flush().',
      });
    const key = keyOf(target, state.row);
    // Whose child it is stands in the row itself.
    if (kind === 'belongsTo') return foreignKey.map((column, i) => equal(column, key[i]));
    const conditions = target.key.map((column, i) => equal(column, key[i]));
    return { kind: 'existence', relation, conditions, isThere: true };
  }
  if (typeof value !== 'object' || Array.isArray(value) || isMute(value as object)) {
    const what = isCollection(relation) ? 'one of them' : 'it';
    throw valueError(place, value, `an object that says what to ask of ${what}, an entity of ${target.name}, or null`);
  }
  return { kind: 'existence', relation, conditions: conditionsIn(target, value as object), isThere: true };
}

/** A condition at the end of a path: `'age'`, `'addresses.street'`. */
export function conditionAt(mapping: Mapping, path: string, operator: Operator, value: unknown): Condition {
  const [first, ...rest] = path.split('.') as [string, ...string[]];
  if (rest.length === 0) return comparison(columnNamed('where()', mapping, first), operator, value);
  const relation = relationNamed('where()', mapping, first);
  const conditions = [conditionAt(relation.target, rest.join('.'), operator, value)];
  return { kind: 'existence', relation, conditions, isThere: true };
}

const equal = (column: MappedColumn, stored: unknown): Comparison => ({
  kind: 'comparison',
  column,
  operator: '=',
  values: [stored],
});

function comparison(column: MappedColumn, operator: Operator, value: unknown): Comparison {
  if (!OPERATORS.includes(operator))
    throw valueError('The operator of where()', operator, `one of ${OPERATORS.join(', ')}`);
  const kind = 'comparison';
  if (value === null && operator === '=') return { kind, column, operator: 'is', values: [] };
  if (value === null && operator === '!=') return { kind, column, operator: 'is not', values: [] };
  if (operator !== 'in' && operator !== 'not in')
    return { kind, column, operator, values: [writeColumn(column, value)] };
  if (!Array.isArray(value)) throw valueError(column.place, value, `an array after '${operator}'`);
  // No value is in a list because of the null in it, and with it all are not: SQL has a word of its own for that.
  const values = padded(value.filter((each) => each !== null).map((each) => writeColumn(column, each)));
  return { kind, column, operator: value.includes(null) ? `${operator} or null` : operator, values };
}
