import { keyOf } from '../database.js';
import { importPeer } from '../peers.js';
import { NOTE, type Workload } from './workload.js';

/** What is used of MikroORM. */
interface MikroOrm {
  default: { MikroORM: { init(options: object): Promise<Orm> }; EntitySchema: new (schema: object) => object };
}
interface Orm {
  em: { fork(): EntityManager };
  close(): Promise<void>;
}
interface EntityManager {
  findOne(entity: 'User', key: number): Promise<{ age: number } | null>;
  find(entity: 'User', where: object, options: object): Promise<{ addresses: { length: number } }[]>;
  create(entity: 'Note', note: object): { id: number };
  flush(): Promise<void>;
}

const id = { type: 'integer', primary: true };
const [integer, string] = [{ type: 'integer' }, { type: 'string' }];
const addresses = { kind: '1:m', entity: 'Address', mappedBy: 'user' };
const user = { kind: 'm:1', entity: 'User' };
/** As entities.ts has them. */
export const SCHEMAS = [
  { name: 'User', properties: { id, name: string, email: string, age: integer, bio: string, addresses } },
  { name: 'Address', properties: { id, user, street: string } },
  { name: 'Note', properties: { id, author: integer, text: string } },
];

/** As its documentation advises: a fork for each unit of work, no checks that can be spared, and relations loaded ahead. */
export async function openMikroOrm(path: string): Promise<Workload> {
  const { MikroORM, EntitySchema } = (await importPeer<MikroOrm>('@mikro-orm/better-sqlite')).default;
  const orm = await MikroORM.init({
    dbName: path,
    entities: SCHEMAS.map((schema) => new EntitySchema(schema)),
    ensureDatabase: false,
    validateRequired: false,
    flushMode: 'commit', // or each find looks through all that was found before
    pool: { afterCreate: unsynchronized },
  });
  const first = (count: number, options: object = {}) =>
    orm.em.fork().find('User', {}, { orderBy: { id: 'asc' }, limit: count, ...options });
  return {
    get: async (from, count) => {
      const em = orm.em.fork();
      let ages = 0;
      for (let i = from; i < from + count; i++) ages += (await em.findOne('User', keyOf(i)))!.age;
      return ages;
    },
    list: async (count) => (await first(count)).length,
    add: async (count) => {
      const em = orm.em.fork();
      for (let i = 1; i < count; i++) em.create('Note', { author: i, text: NOTE });
      const last = em.create('Note', { author: count, text: NOTE });
      await em.flush();
      return last.id;
    },
    visit: async (count) => {
      // Faster than its default, the join.
      const users = await first(count, { populate: ['addresses'], strategy: 'select-in' });
      return users.reduce((sum, each) => sum + each.addresses.length, 0);
    },
    [Symbol.asyncDispose]: () => orm.close(),
  };
}

function unsynchronized(connection: { pragma(text: string): void }, done: (error: null, connection: object) => void) {
  connection.pragma('synchronous = OFF');
  done(null, connection);
}
