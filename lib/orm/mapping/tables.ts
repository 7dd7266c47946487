import type { ColumnType, GeneratedAlways } from 'kysely';
import type { Columns } from '../columns/column.js';

/** The tables of a module of entities, with SQL's names: `new Kysely<Tables<typeof entities>>(…)`. */
export type Tables<M> = {
  [K in keyof M as M[K] extends { readonly table: infer N extends string; readonly columns: Columns }
    ? N
    : never]: M[K] extends { readonly columns: infer C extends Columns } ? TableOf<C> : never;
};
/** One table, with its columns as SQL calls them: what it reads of them is what is stored, whatever the property is. */
export type TableOf<C extends Columns> = {
  [K in keyof C & string as [C[K]['$name']] extends [never] ? K : C[K]['$name']]: C[K]['$generated'] extends true
    ? GeneratedAlways<C[K]['$stored']>
    : ColumnType<
        C[K]['$stored'],
        C[K]['$bound'] | (C[K]['$optional'] extends true ? undefined : never),
        C[K]['$bound']
      >;
};
