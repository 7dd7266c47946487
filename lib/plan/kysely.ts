import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RawBuilder, Sql } from 'kysely';

type Kysely = typeof import('kysely');

let loaded: Kysely | undefined;

/**
 * Kysely, loaded by whoever needs it first, on either thread: its files take longer than all else that a thread starts with,
 * and SQL text needs none of them. By its own path it is the one that `import 'kysely'` gives, not a second one beside it.
 */
export function kysely(): Kysely {
  loaded ??= createRequire(import.meta.url)(fileURLToPath(import.meta.resolve('kysely'))) as Kysely;
  return loaded;
}

type Helper = 'ref' | 'id' | 'table' | 'lit' | 'join' | 'raw' | 'val';

const helper = <H extends Helper>(name: H): Sql[H] =>
  ((...args: readonly unknown[]) =>
    (kysely().sql[name] as (...args: readonly unknown[]) => unknown)(...args)) as Sql[H];

/** Kysely's `sql`, which loads it when it is called. */
export const kyselySql: (<O = unknown>(strings: TemplateStringsArray, ...values: unknown[]) => RawBuilder<O>) &
  Pick<Sql, Helper> = Object.assign(
  <O = unknown>(strings: TemplateStringsArray, ...values: unknown[]): RawBuilder<O> =>
    kysely().sql<O>(strings, ...values),
  {
    ref: helper('ref'),
    id: helper('id'),
    table: helper('table'),
    lit: helper('lit'),
    join: helper('join'),
    raw: helper('raw'),
    val: helper('val'),
  },
);
