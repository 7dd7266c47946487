import type { CompiledQuery, RawBuilder } from 'kysely';
import { show } from '../errors.js';
import { type DialectName, queryBuilderOf } from './dialect.js';
import type { QueryPlan } from './plan.js';
import { SqlText } from './sql.js';

/** A plan from anything that is a query: `sql`, a Kysely query, or one that was compiled already. */
export function toQueryPlan(query: unknown, dialect: DialectName): QueryPlan | undefined {
  if (query instanceof SqlText) {
    const { text } = query;
    if (text !== undefined) return { kind: 'query', sql: text, parameters: query.values, access: 'unknown' };
  }
  if (typeof query !== 'object' || query === null) return undefined;
  if ('isRawBuilder' in query) return compiled((query as RawBuilder<unknown>).compile(queryBuilderOf(dialect)));
  if ('compile' in query && typeof query.compile === 'function') return compiled(query.compile());
  if ('sql' in query && 'parameters' in query && 'query' in query) return compiled(query as CompiledQuery);
  return undefined;
}

function compiled(query: CompiledQuery): QueryPlan {
  const kind = query.query.kind;
  const access = kind === 'SelectQueryNode' ? 'read' : kind === 'RawNode' ? 'unknown' : 'write';
  return { kind: 'query', sql: query.sql, parameters: [...query.parameters], access };
}

/** The sentence for something that is no plan at all. */
export function notAPlan(what: unknown): TypeError {
  return Object.assign(
    new TypeError(
      `run() takes a unit's name, a query (sql\`…\` or Kysely's) or a list of plans, not ${show(what)}. ` +
        "A unit is named: pool.run('userPage', [7]); SQL text goes through sql`select …`.",
    ),
    { code: 'OFFTHREAD_NOT_A_PLAN' },
  );
}
