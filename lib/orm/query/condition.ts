import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { MappedColumn, MappedRelation, Mapping } from '../mapping/mapping.js';

/** What a row has to fulfil, as data: its form decides the SQL, its values are bound. */
export type Condition = Comparison | Bound | Existence | Free;

/** One column against one value, several, or none. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly column: MappedColumn;
  readonly operator: Operator | 'is' | 'is not' | 'in or null' | 'not in or null';
  readonly values: readonly unknown[];
}
/** Several columns together against as many values: `(a, b) > (1, 2)`. */
export interface Bound {
  readonly kind: 'bound';
  readonly columns: readonly MappedColumn[];
  readonly operator: '>' | '<=';
  readonly values: readonly unknown[];
}
/** Something, or nothing, at the other end of a relation that fulfils conditions of its own. */
export interface Existence {
  readonly kind: 'existence';
  readonly relation: MappedRelation;
  readonly conditions: readonly Condition[];
  readonly isThere: boolean;
}
/** Said with Kysely's expression builder: its text is made anew each time. */
export interface Free {
  readonly kind: 'free';
  readonly say: (builder: Builder) => Expression<SqlBool>;
}

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'like', 'not like', 'in', 'not in'] as const;
export type Operator = (typeof OPERATORS)[number];

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the mappings, not to the compiler
export type Builder = ExpressionBuilder<any, any>;

/** Everything that decides a condition's SQL; undefined where it is made anew each time. */
function formOf(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'comparison':
      return `${condition.column.index} ${condition.operator} ${condition.values.length}`;
    case 'bound':
      return `${condition.columns.map(({ index }) => index).join(' ')} ${condition.operator}`;
    case 'existence': {
      const { relation, conditions, isThere } = condition;
      const inner = formsOf(conditions);
      const step = relation.owner.relationNames.indexOf(relation.name);
      return inner === undefined ? undefined : `${isThere ? 'some' : 'no'} ${step} (${inner})`;
    }
    case 'free':
      return undefined;
    default:
      return condition satisfies never;
  }
}
export function formsOf(conditions: readonly Condition[]): string | undefined {
  const forms = conditions.map(formOf);
  return forms.includes(undefined) ? undefined : forms.join(',');
}

/** What is bound, in the order of the SQL. */
export const valuesOf = (conditions: readonly Condition[]): unknown[] =>
  conditions.flatMap((condition) =>
    condition.kind === 'free' ? [] : condition.kind === 'existence' ? valuesOf(condition.conditions) : condition.values,
  );

/** Whose tables are read for conditions; undefined where nobody knows. */
export function tablesOf(conditions: readonly Condition[]): Mapping[] | undefined {
  const read: Mapping[] = [];
  for (const condition of conditions) {
    if (condition.kind === 'free') return undefined;
    if (condition.kind !== 'existence') continue;
    const further = tablesOf(condition.conditions);
    if (further === undefined) return undefined;
    read.push(...tablesBehind(condition.relation), ...further);
  }
  return read;
}
/** Whose tables are read to follow a relation. */
export const tablesBehind = ({ target, through }: MappedRelation): Mapping[] =>
  through?.entity === undefined ? [target] : [target, through.entity];
