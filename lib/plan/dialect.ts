import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryExecutorProvider,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { BuilderOnlyError } from '../errors.js';

/** The name of a database's own SQL; MariaDB speaks MySQL's. */
export type DialectName = 'sqlite' | 'mysql';

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the entities, not to the compiler
export type QueryBuilder = Kysely<any> & QueryExecutorProvider;

/** Kysely would answer with no rows, as if it had asked. */
class NoDriver extends DummyDriver {
  override acquireConnection(): never {
    throw new BuilderOnlyError({});
  }
}

/** Kysely without a connection: it builds and compiles, synchronously, on either thread. */
export const queryBuilders: Readonly<Record<DialectName, QueryBuilder>> = {
  sqlite: new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NoDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  mysql: new Kysely({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new NoDriver(),
      createIntrospector: (db) => new MysqlIntrospector(db),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
  }),
};
