import type { Generated, GeneratedAlways } from 'kysely';
import type { Columns } from '../columns/column.js';

/** The tables of a module of entities, with SQL's names: `new Kysely<Tables<typeof entities>>(…)`. */
export type Tables<M> = {
  [K in keyof M as M[K] extends { readonly table: infer N extends string; readonly columns: Columns }
    ? N
    : never]: M[K] extends { readonly columns: infer C extends Columns } ? TableOf<C> : never;
};
/** One table, with its columns as SQL calls them. */
export type TableOf<C extends Columns> = {
  [K in keyof C & string as [C[K]['$name']] extends [never] ? K : C[K]['$name']]: C[K]['$generated'] extends true
    ? GeneratedAlways<C[K]['$type']>
    : C[K]['$optional'] extends true
      ? Generated<C[K]['$type']>
      : C[K]['$type'];
};
