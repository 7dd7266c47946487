import type { KyselyPlugin, QueryExecutorProvider, RawBuilder } from 'kysely';
import { kyselySql } from './kysely.js';

/** SQL text with its bound values, which becomes Kysely's own raw builder only where Kysely asks for it. */
export class SqlText<O> implements RawBuilder<O> {
  readonly #strings: TemplateStringsArray;
  readonly values: readonly unknown[];

  constructor(strings: TemplateStringsArray, values: readonly unknown[]) {
    this.#strings = strings;
    this.values = values;
  }

  /** Made once per call site; undefined where a fragment decides it. */
  get text(): string | undefined {
    for (const value of this.values) if (isFragment(value)) return undefined;
    let text = texts.get(this.#strings);
    if (text === undefined) texts.set(this.#strings, (text = this.#strings.join('?')));
    return text;
  }

  get #raw(): RawBuilder<O> {
    return kyselySql<O>(this.#strings, ...this.values);
  }
  get isRawBuilder(): true {
    return true;
  }
  get expressionType(): O | undefined {
    return undefined;
  }
  as(alias: never): never {
    return this.#raw.as(alias) as never;
  }
  $castTo<C>(): RawBuilder<C> {
    return this as unknown as RawBuilder<C>;
  }
  $notNull(): RawBuilder<Exclude<O, null>> {
    return this as unknown as RawBuilder<Exclude<O, null>>;
  }
  withPlugin(plugin: KyselyPlugin) {
    return this.#raw.withPlugin(plugin);
  }
  compile(executorProvider: QueryExecutorProvider) {
    return this.#raw.compile(executorProvider);
  }
  execute(executorProvider: QueryExecutorProvider) {
    return this.#raw.execute(executorProvider);
  }
  toOperationNode() {
    return this.#raw.toOperationNode();
  }
}

const texts = new WeakMap<TemplateStringsArray, string>();
const isFragment = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'toOperationNode' in value;

const { ref, id, table, lit, join, raw, val } = kyselySql;

/**
 * SQL text as a plan: ``pool.run(sql<User>`select * from user where id = ${7}`)``. Values are always bound, never
 * spliced; `sql.ref`, `sql.id`, `sql.table`, `sql.join`, `sql.lit` and `sql.raw` are Kysely's. It is a Kysely expression
 * too, and may stand inside of any Kysely query.
 */
export const sql: (<O = unknown>(strings: TemplateStringsArray, ...values: unknown[]) => RawBuilder<O>) &
  Pick<typeof kyselySql, 'ref' | 'id' | 'table' | 'lit' | 'join' | 'raw' | 'val'> = Object.assign(
  <O = unknown>(strings: TemplateStringsArray, ...values: unknown[]): RawBuilder<O> => new SqlText<O>(strings, values),
  { ref, id, table, lit, join, raw, val },
);
