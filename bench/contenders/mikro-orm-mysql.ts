import { MYSQL_LANES } from '../mysql-server.js';
import { importPeer } from '../peers.js';
import type { MysqlSetting } from '../trial.js';
import { SCHEMAS } from './mikro-orm.js';

/** What is used of MikroORM. */
interface MikroOrm {
  default: { MikroORM: { init(options: object): Promise<Orm> }; EntitySchema: new (schema: object) => object };
}
interface Orm {
  em: { fork(): { findOne(entity: 'User', key: number): Promise<LoadedUser | null> } };
  close(): Promise<void>;
}
interface LoadedUser {
  readonly name: string;
  readonly addresses: { loadItems(): Promise<readonly { readonly street: string }[]> };
}

/** The unit `userPage` in MikroORM: a fork, an entity by its key, and its collection when it is asked for. */
export async function openMikroOrmMysql({ host, port, user, password, database }: MysqlSetting) {
  const { MikroORM, EntitySchema } = (await importPeer<MikroOrm>('@mikro-orm/mysql')).default;
  const orm = await MikroORM.init({
    ...{ host, port, user, password, dbName: database },
    entities: SCHEMAS.map((schema) => new EntitySchema(schema)),
    ensureDatabase: false,
    validateRequired: false,
    flushMode: 'commit',
    pool: { min: MYSQL_LANES, max: MYSQL_LANES },
  });
  return {
    async userPage(id: number) {
      const found = await orm.em.fork().findOne('User', id);
      return found && { name: found.name, streets: (await found.addresses.loadItems()).map(({ street }) => street) };
    },
    [Symbol.asyncDispose]: () => orm.close(),
  };
}
