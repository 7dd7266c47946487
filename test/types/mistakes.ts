// Nothing here may compile, and each message must tell the way out: scripts/check-types.ts compares it with the line above.
import { Kysely } from 'kysely';
import { createPool, sql } from 'offthread';
import { OffthreadDialect, type Tables } from 'offthread/kysely';
import {
  belongsTo,
  column,
  createTables,
  decimal,
  Entity,
  hasMany,
  integer,
  json,
  type LocalSession,
  read,
  type Session,
  text,
  timestamp,
  write,
} from 'offthread/orm';
import type * as units from './shop.js';
import { Address, Item, User } from './shop.js';

const pool = await createPool<typeof units>({
  database: 'sqlite::memory:',
  units: new URL('./shop.js', import.meta.url),
});
const user = new User({ name: 'Ada' });
const everyone = await pool.run('everyone');
const found = await pool.run('find', [1]);
const db = new Kysely<Tables<typeof units>>({ dialect: new OffthreadDialect(pool) });

// ── The name of a unit ──

// error: '"userPag"' is not assignable to
await pool.run('userPag', [7]);

// error: '"orders.plac"' is not assignable to
await pool.run('orders.plac', ['tea', 2]);

// error: '"orders"' is not assignable to
await pool.run('orders');

// error: '"LIMIT"' is not assignable to
await pool.run('LIMIT');

// error: '"Helper"' is not assignable to
await pool.run('Helper');

// error: '"helper"' is not assignable to
await pool.run('helper', ['a text']);

// error: '"User"' is not assignable to
await pool.run('User', [{ name: 'Ada' }]);

// error: Property 'userPag' does not exist
await pool.units.userPag(7);

// error: Property 'plac' does not exist
await pool.units.orders.plac('tea', 2);

// error: Property 'User' does not exist
await pool.units.User({ name: 'Ada' });

// error: '"userPag"' is not assignable to
pool.plan('userPag', [7]);

// ── Its arguments ──

// error: Type 'string' is not assignable to type 'number'
await pool.run('userPage', ['7']);

// error: Type 'string' is not assignable to type 'number'
await pool.broadcast('userPage', ['7']);

// error: '"userPag"' is not assignable to
await pool.broadcast('userPag', [7]);

// error: Source has 1 element(s) but target requires 2
await pool.run('rename', [7]);

// error: Expected 2-3 arguments, but got 1
await pool.run('rename');

// error: Source has 3 element(s) but target allows only 2
await pool.run('rename', [7, 'Ada', true]);

// error: Type 'number' is not assignable to type 'string'
await pool.run('orders.place', [7, 2]);

// error: Argument of type 'string' is not assignable to parameter of type 'number'
await pool.units.userPage('7');

// error: Expected 2 arguments, but got 1
await pool.units.orders.place('tea');

// error: Property 'by' is missing
await pool.run('greet', [{ name: 'Ada' }]);

// error: 'nam' does not exist in type
await pool.run('greet', [{ nam: 'Ada', by: 'me' }]);

// error: Type 'string' is not assignable to type 'number'
pool.plan('userPage', ['7']);

// ── In a lease ──

// error: '"userPag"' is not assignable to
await pool.transaction((tx) => tx.run('userPag', [7]));

// error: Type 'string' is not assignable to type 'number'
await pool.transaction((tx) => tx.run('userPage', ['7']));

// error: Type '"both"' is not assignable to type '"read" | "write" | undefined'
await pool.lease({ access: 'both' });

// error: 'retries' does not exist in type 'LeaseOptions'
await pool.lease({ retries: 3 });

// error: 'transaction' does not exist in type 'TransactionOptions'
await pool.transaction(() => 1, { transaction: false });

// ── What cannot cross ──

// error: a function cannot cross to the worker: send data
await pool.run('listen', [{ done: () => {} }]);

// error: a function cannot cross to the worker: send data
await pool.units.listen({ done: () => {} });

// error: an entity stays on its thread: send its key, or take Detached<E> as the parameter
await pool.run('save', [user]);

// error: an entity stays on its thread: send its key, or take Detached<E> as the parameter
await pool.units.save(user);

// error: an entity stays on its thread
pool.plan('save', [user]);

// error: an entity stays on its thread
await pool.run('saveAll', [[user]]);

// error: an entity stays on its thread
await pool.run('saveByName', [new Map([['Ada', user]])]);

// error: a function cannot cross to the worker
await pool.run('listenToAll', [new Set([() => {}])]);

// error: a function cannot cross to the worker: send data
await pool.run('mark', [Symbol('x')]);

// error: a promise cannot cross to the worker: await it first
await pool.run('wait', [Promise.resolve('Ada')]);

// error: a function cannot cross to the worker
await pool.run('visit', [new URL('https://example.org')]);

// ── What a unit may not be ──

// error: this unit is a generator: use stream(name, args), or return an array
await pool.run('names');

// error: Property 'then' does not exist on type 'Stream<string>'
pool.units.names().then;

// error: Argument of type '"rename"' is not assignable to parameter of type
pool.stream('rename', [7, 'Ada']);

// error: Argument of type '"nmaes"' is not assignable to parameter of type
pool.stream('nmaes');

// error: this query writes, and a stream only reads: give it to run()
pool.stream(db.deleteFrom('user'));

// error: 'retries' does not exist in type 'StreamOptions'
pool.stream('names', [], { retries: 1 });

// error: Type 'string' is not assignable to type 'boolean | undefined'
pool.stream('names', [], { chunks: 'yes' });

// error: this unit returns a promise: units are synchronous
await pool.run('late', [7]);

// error: this unit returns a promise: units are synchronous
await pool.run('perhapsLate', [7]);

// error: this unit returns a promise: units are synchronous
pool.plan('late', [7]);

// error: a unit is synchronous: remove async, and await outside of it
write(async (session: Session) => session.query(User).all());

// error: a unit is synchronous: remove async, and await outside of it
read((_session: Session) => Promise.resolve(1));

// error: a unit is synchronous: remove async, and await outside of it
read((session: Session) => session.savepoint(async () => 1));

// error: a query is not a result: end it with all(), first() or count()
(await pool.run('unfinished')).length;

// ── What comes back ──

// error: Property 'label' does not exist
everyone[0]?.label;

// error: Property 'greet' does not exist
everyone[0]?.greet('you');

// error: 'found' is possibly 'undefined'
found.name;

// error: 'found.addresses' is possibly 'undefined'
found?.addresses[0];

// error: Property 'lenght' does not exist
(await pool.run('userPage', [7]))?.streets.lenght;

// error: Property 'n' does not exist
(await pool.run(sql<{ count: number }>`select count(*) as count from user`))[0]?.n;

// error: Property 'insertId' does not exist
(await pool.run(db.selectFrom('user').selectAll())).insertId;

// error: Property 'map' does not exist
(await pool.run(db.deleteFrom('user'))).map((row) => row);

// error: Property 'map' does not exist
(await pool.run(sql`select 1`)).map((row) => row);

// ── What is no plan ──

// error: '"select * from user"' is not assignable to
await pool.run('select * from user');

// error: is not assignable to parameter of type
await pool.run({ sql: 'select 1', parameters: [] });

// error: Type 'string' is not assignable to type
await pool.run(['userPage', pool.plan('userPage', [7])]);

// ── Options ──

// error: 'timeOut' does not exist in type 'RunOptions<false>'
await pool.run('userPage', [7], { timeOut: 500 });

// error: Type 'true' is not assignable to type 'false'
await pool.run('userPage', [7], { transaction: true });

// error: Type 'AbortController' is missing the following properties from type 'AbortSignal'
pool.with({ signal: new AbortController() });

// error: 'time' does not exist in type 'CallOptions'
pool.with({ time: 5 });

// error: 'thread' does not exist in type 'PoolOptions'
await createPool({ database: 'sqlite:shop.db', thread: 4 });

// error: Property 'database' is missing
await createPool({ threads: 4 });

// error: Type '"full"' is not assignable to type
await createPool({ database: 'sqlite:shop.db', sqlite: { synchronous: 'full' } });

// error: is not assignable to type 'abstract new (...args: never[]) => Error'
await createPool({ database: 'sqlite:shop.db', errors: [Map] });

// ── Entities ──

// error: Property 'naem' does not exist
user.naem = 'Grace';

// error: Property 'name' is missing
new User({ email: null });

// error: Type 'number' is not assignable to type 'string'
new User({ name: 7 });

// error: 'adress' does not exist
new Address({ userId: 1, street: 'x', adress: 'y' });

// error: is not assignable to parameter of type '"id" | "userId" | "street" |
hasMany(() => Address, 'user_id');

// error: 'nam' does not exist in type
read((session: Session) => session.query(User).where({ nam: 'Ada' }).all());

// error: Type 'number' is not assignable to type
read((session: Session) => session.query(User).where({ name: 7 }).all());

// error: is not assignable to parameter of type '"addresses" | "addresses.user"
read((session: Session) => session.query(User).with('adresses').all());

// error: '"naem"' is not assignable to parameter of type '"id" | "name" | "email"'
read((session: Session) => session.query(User).orderBy('naem').all());

// error: Argument of type '{}' is not assignable to parameter of type 'Key'
read((session: Session) => session.get(User, {}));

// error: Type 'string' is not assignable to type 'number
read((session: Session) =>
  session
    .query(User)
    .where({ addresses: { id: '1' } })
    .all(),
);

// error: 'stret' does not exist in type
read((session: Session) =>
  session
    .query(User)
    .where({ addresses: { stret: 'x' } })
    .all(),
);

// error: '"naem"' is not assignable to parameter of type
read((session: Session) => session.query(User).where('naem', '=', 'Ada').all());

// error: '"addresses.stret"' is not assignable to parameter of type '"addresses.id" | "addresses.userId" | "addresses.street"
read((session: Session) => session.query(User).where('addresses.stret', '=', 'x').all());

// error: '"addresses"' is not assignable to parameter of type
read((session: Session) => session.query(User).where('addresses', '=', 'x').all());

// error: Argument of type 'string' is not assignable to parameter of type 'number'
read((session: Session) => session.query(User).where('addresses.userId', '=', '1').all());

// error: Argument of type 'null' is not assignable to parameter of type 'string'
read((session: Session) => session.query(User).where('email', '<', null).all());

// error: Argument of type 'string' is not assignable to parameter of type 'readonly
read((session: Session) => session.query(User).where('name', 'in', 'Ada').all());

// error: '"ilike"' is not assignable to parameter of type
read((session: Session) => session.query(User).where('name', 'ilike', 'Ada').all());

// error: '"userId"' is not assignable to parameter of type
read((session: Session) =>
  session
    .query(Address)
    .where((eb) => eb('userId', '=', 1))
    .all(),
);

// error: '"adresses"' is not assignable to parameter of type '"addresses" | "addresses.user"
read((session: Session) => session.query(User).refuseLazy('adresses').all());

// error: Type 'string' is not assignable to type
write((session: Session) => session.query(User).update({ id: '1' }));

// error: 'nam' does not exist in type
write((session: Session) => session.query(User).update({ nam: 'Ada' }));

// error: is not assignable to type
write((session: Session) => session.query(User).update({ name: sql<number>`1` }));

// error: Type '"share"' is not assignable to type '"update"
write((session: Session) => session.get(User, 1, { lock: 'share' })?.name);

// error: '"users"' is not assignable to
read((session: Session) => session.run(session.kysely<typeof units>().selectFrom('users').selectAll()));

// error: Argument of type 'string' is not assignable to parameter of type
read((session: Session) => session.entities(User, 'select * from user'));

export class Hidden extends User {
  // error: Property 'addresses' has no initializer
  override addresses: User['addresses'];
}

// ── Kysely over the tables of entities ──

// error: '"users"' is not assignable to
db.selectFrom('users').selectAll();

// error: '"userId"' is not assignable to
db.selectFrom('address').select('userId');

// error: Type 'string' is not assignable to type
db.insertInto('address').values({ user_id: '1', street: 'x' });

// error: Property 'street' is missing
db.insertInto('address').values({ user_id: 1 });

export const circle = Entity('circle', { id: integer().primaryKey(), name: text() });
// error: is not assignable to
belongsTo(() => pool, 'id');

// error: Type 'number[]' is not assignable to type 'ValueExpression<
db.insertInto('item').values({ item_code: 'a', is_on: true, at: new Date(), data: [5] });

// error: Property 'item_code' is missing
db.insertInto('item').values({ is_on: true, at: new Date(), data: '{}' });

// error: Argument of type 'Date' is not assignable to parameter of type
db.selectFrom('item').where('at', '<', new Date());

// error: Argument of type 'true' is not assignable to parameter of type
db.selectFrom('item').where('is_on', '=', true);

// error: Property 'getTime' does not exist on type 'string'
db.selectFrom('item')
  .select('at')
  .executeTakeFirstOrThrow()
  .then(({ at }) => at.getTime());

// error: Property 'tags' does not exist on type 'string'
db.selectFrom('item')
  .select('data')
  .executeTakeFirstOrThrow()
  .then(({ data }) => data.tags);

// error: Argument of type 'true' is not assignable to parameter of type
read((session: Session) =>
  session
    .query(Item)
    .where((eb) => eb('is_on', '=', true))
    .all(),
);

// ── Columns and tables ──

declare const session: LocalSession;
const stamped = {
  id: integer().primaryKey(),
  name: text(),
  worth: integer().generated(sql`1`),
};
export class Stamped extends Entity('stamped', stamped) {}
const one = new Stamped({ name: 'Ada' });

// error: 'worth' does not exist in type
new Stamped({ name: 'Ada', worth: 5 });

// error: Cannot assign to 'worth' because it is a read-only property
one.worth = 5;

// error: Property 'version' does not exist on type
text().version();

// error: Type 'string' is not assignable to type 'number'
integer().default(() => 'none');

// error: Argument of type 'string' is not assignable to parameter of type 'number | RawBuilder<unknown> | (() => number)'
integer().default('none');

// error: Type 'number' is not assignable to type 'Date'
timestamp().onUpdate(() => Date.now());

// error: Argument of type 'string' is not assignable to parameter of type 'RawBuilder<unknown>'
integer().check('age > 0');

// error: name it for the types too: json<T, 'name'>('name')
json<string[]>('tag_list');

// error: name it for the types too: text<T, 'name'>('name')
text<'f' | 's'>('kind');

// error: Type 'Date' does not satisfy the constraint 'string'
text<Date>();

// error: Property 'code' is missing
new Item({ on: true, at: new Date(), data: { tags: [] } });

// error: Property 'precision' is missing
decimal('price', { scale: 2 });

// error: Property 'storedAs' is missing
column<URL>({ name: 'url', write: (value) => value.href, read: (stored) => new URL(stored as string) });

// error: Type '"money"' is not assignable to type 'StoredAs'
column<URL>({ name: 'url', storedAs: 'money', write: (value) => value.href, read: () => new URL('') });

// error: Type '"nmae"' is not assignable to type '"id" | "name" | "worth"'
Entity('stamped', stamped, { unique: [['id', 'nmae']] });

// error: 'index' does not exist in type
Entity('stamped', stamped, { index: [['name']] });

// error: is not assignable to parameter of type
createTables(session, [Stamped, Date]);

// error: is not assignable to parameter of type 'Entities'
createTables(session, Stamped);

// error: 'report' does not exist in type 'CallOptions'
pool.with({ report: true });

// error: Type 'number' is not assignable to type 'boolean | undefined'
await pool.run('userPage', [7], { report: 1 });

// ── Wrapped modules ──

const wrapped = (await createPool({})).wrap<typeof import('../wrap/modules/shop.js')>('/shop.js');

// error: Property 'ad' does not exist
await wrapped.ad(1, 2);

// error: Argument of type 'string' is not assignable to parameter of type 'number'
await wrapped.add(1, '2');

// error: Expected 2 arguments, but got 1
await wrapped.add(1);

// error: Type 'Promise<number>' is not assignable to type 'number'
const total: number = wrapped.add(1, 2);

// error: is not assignable to type 'Proxied'
await wrapped.each(3, (done: number) => console.log(done));

// error: Property 'then' does not exist
wrapped.then();

// error: Property 'pit' does not exist
await (await new wrapped.Basket()).pit('tea');

// error: 'lane' does not exist in type 'WrapOptions'
(await createPool({})).wrap('/shop.js', { lane: 2 });

// error: 'retries' does not exist in type 'WrapOptions'
(await createPool({})).wrap('/shop.js', { retries: 2 });

// error: Property 'database' is missing
await createPool({ units: '/units.js' });
