import type { Dialect, Driver, Kysely, QueryExecutorProvider } from 'kysely';
import { BuilderOnlyError } from '../errors.js';
import { kysely } from './kysely.js';

/** The name of a database's own SQL; MariaDB speaks MySQL's. */
export type DialectName = 'sqlite' | 'mysql';

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the entities, not to the compiler
export type QueryBuilder = Kysely<any> & QueryExecutorProvider;

/** Kysely without a connection: it builds and compiles, synchronously, on either thread. */
export function queryBuilderOf(dialect: DialectName): QueryBuilder {
  builders[dialect] ??= new (kysely().Kysely)({ dialect: withoutDriver[dialect]() }) as QueryBuilder;
  return builders[dialect];
}
const builders: Partial<Record<DialectName, QueryBuilder>> = {};

const withoutDriver: Readonly<Record<DialectName, () => Dialect>> = {
  sqlite: () => ({
    createAdapter: () => new (kysely().SqliteAdapter)(),
    createDriver: noDriver,
    createIntrospector: (db) => new (kysely().SqliteIntrospector)(db),
    createQueryCompiler: () => new (kysely().SqliteQueryCompiler)(),
  }),
  mysql: () => ({
    createAdapter: () => new (kysely().MysqlAdapter)(),
    createDriver: noDriver,
    createIntrospector: (db) => new (kysely().MysqlIntrospector)(db),
    createQueryCompiler: () => new (kysely().MysqlQueryCompiler)(),
  }),
};

/** Kysely's own would answer with no rows, as if it had asked. */
function noDriver(): Driver {
  return Object.assign(new (kysely().DummyDriver)(), {
    acquireConnection(): never {
      throw new BuilderOnlyError({});
    },
  });
}
