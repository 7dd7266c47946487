// Compiled, never run: what a query takes and answers, inside of a unit.
import { type Expression, sql as kyselySql, type SqlBool } from 'kysely';
import {
  type EntityClass,
  type Loaded,
  type Operator,
  type Query,
  type Session,
  sql,
  type Tables,
  type Where,
} from 'offthread/orm';
import { type Equal, is } from './equal.js';
import type * as units from './shop.js';
import { Address, Item, User } from './shop.js';

declare const session: Session;
const users = session.query(User);
is<Equal<typeof users, Query<User, 'user'>>>();

// Objects: values, null, arrays, and the same through relations, as far as they go.
users.where({ name: 'Ada', email: null, id: [1, 2] }).where({ email: ['a', null] });
users.where({ addresses: { street: ['North', 'South'], user: { name: 'Ada' } } });
users.where({ addresses: null }).where({ addresses: {} });
declare const ada: User;
session.query(Address).where({ user: ada }).where({ user: null });
const wanted: Where<User> = { name: 'Ada', addresses: { street: 'North' } };
users.where(wanted);

// Three parts: the path leads to a column, and the value is of its type and fits the operator.
users.where('name', '=', 'Ada').where('email', '!=', null).where('id', 'in', [1, 2]).where('id', 'not in', []);
users.where('addresses.street', 'not like', 'N%').where('addresses.user.addresses.user.email', '=', null);
session.query(Item).where('at', '>=', new Date()).where('on', '=', true).where('big', 'in', [1n, null]);
const operator = '<' as '<' | '>';
users.where('id', operator, 5);
is<Equal<Extract<Operator, `${string}like`>, 'like' | 'not like'>>();

// Kysely's words: the table under its own name, its columns as SQL calls them.
session.query(Address).where((eb) => eb.or([eb('user_id', '=', 1), eb('address.street', 'like', 'N%')]));
session.query(Item).where((eb) => eb.and({ item_code: 'x', is_on: 1 }));
session.query(Item).where((eb) => eb('at', '<', '2026-01-01').or('at', '>', sql<string>`${new Date()}`));
users.where(() => sql<boolean>`length(name) > 3`).where(() => kyselySql<SqlBool>`1`);
users.where((eb): Expression<SqlBool> => eb.exists(eb.selectFrom('user').select('id')));

// What is loaded ahead is known to be there, whatever is said before and after it.
const loaded = users.where({ id: 1 }).with('addresses.user').orderBy('name', 'desc').distinct().forUpdate();
const [first] = loaded.limit(1).refuseLazy().all();
if (first) is<Equal<(typeof first)['addresses'], Address[]>>();
const deeper = (user: User & Loaded<'addresses'>) => user;
deeper(users.with('addresses.user').one());
// Who takes what has its addresses takes what has more.
is<Loaded<'addresses' | 'addresses.user'> extends Loaded<'addresses'> ? true : false>();
is<Loaded<'addresses'> extends Loaded<'addresses' | 'addresses.user'> ? false : true>();
users.refuseLazy('addresses', 'addresses.user');
for (const user of users) is<Equal<typeof user, User>>();
for (const user of users.iterate()) is<Equal<typeof user, User>>();

// Bulk: values, or expressions of their type.
is<Equal<ReturnType<typeof users.delete>, number>>();
const changed = session.query(Item).update({ stock: sql<number>`stock - 1`, on: false, big: null });
is<Equal<typeof changed, number>>();
users.update({ name: kyselySql<string>`upper(name)` });

// Where the entity's class is not known, its table has whatever name.
function newest<T extends User>(entity: EntityClass<T>): T | undefined {
  const query: Query<T> = session.query(entity);
  return query.first();
}
is<Equal<ReturnType<typeof newest<User>>, User | undefined>>();

// Entities from any query, and a builder of such.
const tables = session.kysely<typeof units>();
is<Equal<keyof Tables<typeof units>, 'user' | 'address' | 'item'>>();
const some = session.entities(User, tables.selectFrom('user').selectAll().where('name', '=', 'Ada'));
is<Equal<typeof some, User[]>>();
is<Equal<typeof fromText, Address[]>>();
const fromText = session.entities(Address, sql`select * from address`);
const rows = session.run(tables.selectFrom('address').select(['user_id', 'street']));
is<Equal<typeof rows, { user_id: number; street: string }[]>>();
session.get(User, 1, { lock: 'update' });
