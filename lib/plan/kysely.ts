import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RawBuilder, Sql } from 'kysely';

type Kysely = typeof import('kysely');

const require = createRequire(import.meta.url);
let loaded: Kysely | undefined;
let around = (load: () => Kysely): Kysely => load();

/**
 * Kysely, loaded by whoever needs it first, on either thread: its files take longer than all else that a thread starts with,
 * and SQL text needs none of them.
 */
export function kysely(): Kysely {
  loaded ??= around(() => require('kysely'));
  return loaded;
}
/**
 * From 0.29 on Kysely is an ES module only, and Node 20 aborts the process where a thread is ended that requires one: a thread
 * has to load it before it does anything else.
 */
export async function preloadKysely(): Promise<void> {
  const isOnlyEsModule = require.resolve('kysely') === fileURLToPath(import.meta.resolve('kysely'));
  if (isOnlyEsModule) loaded ??= await import('kysely');
}
/** From now on this is called to have it loaded: a lane is then thought to work, and not to hang. */
export function loadBy(loader: typeof around): void {
  around = loader;
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
