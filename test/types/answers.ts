// Compiled, never run: what a call answers, as the caller sees it.
import { type CompiledQuery, Kysely, sql as kyselySql } from 'kysely';
import {
  type Backup,
  type CallOptions,
  type CallReport,
  type Changes,
  createPool,
  type Detached,
  type Plan,
  type Pool,
  type Runner,
  type RunOptions,
  type Sendable,
  type Stream,
  type StreamName,
  type StreamOptions,
  sql,
  type TimeoutError,
  type UnitName,
} from 'offthread';
import { OffthreadDialect, type Tables } from 'offthread/kysely';
import { type Equal, is } from './equal.js';
import type * as units from './shop.js';
import type { User } from './shop.js';

const pool = await createPool<typeof units>({
  database: 'sqlite::memory:',
  units: new URL('./shop.js', import.meta.url),
});

// The class of an error is its type too.
const waited = (error: TimeoutError): number => error.timeout;
is<Equal<ReturnType<typeof waited>, number>>();

const page = await pool.run('userPage', [7], { timeout: 500 });
is<Equal<typeof page, { name: string; streets: string[] } | undefined>>();

const same = await pool.units.userPage(7);
is<Equal<typeof same, typeof page>>();

const everyone = await pool.run('everyone');
is<Equal<(typeof everyone)[number]['name'], string>>();
is<Equal<(typeof everyone)[number]['addresses'][number]['street'], string>>();
is<'label' extends keyof (typeof everyone)[number] ? false : true>();
is<'greet' extends keyof (typeof everyone)[number] ? false : true>();

const [renamed, listed] = await pool.run([pool.plan('rename', [7, 'Ada']), pool.plan('everyone')]);
is<Equal<typeof renamed, void>>();
is<Equal<typeof listed, typeof everyone>>();

const pages = await pool.broadcast('userPage', [7], { timeout: 500 });
is<Equal<typeof pages, (typeof page)[]>>();
const reportedPages = await pool.broadcast('userPage', [7], { report: true });
is<Equal<(typeof reportedPages)[number], { result: typeof page; report: CallReport }>>();
const asked = await pool.broadcast(sql<{ n: number }>`select 1 as n`);
is<Equal<typeof asked, { n: number }[][]>>();
const both = await pool.broadcast([pool.plan('rename', [7, 'Ada']), pool.plan('everyone')]);
is<Equal<(typeof both)[number], [void, typeof everyone]>>();

const backup = await pool.backup('copy.db', { overwrite: true, progress: ({ remainingPages }) => remainingPages });
is<Equal<typeof backup, Backup>>();
is<Equal<Backup, { readonly pages: number; readonly bytes: number }>>();

// Which exports are units, by name.
is<
  Equal<
    UnitName<typeof units>,
    | 'userPage'
    | 'rename'
    | 'everyone'
    | 'greet'
    | 'names'
    | 'late'
    | 'perhapsLate'
    | 'find'
    | 'page'
    | 'nothing'
    | 'anything'
    | 'fails'
    | 'deep'
    | 'deeper'
    | 'owner'
    | 'shapes'
    | 'item'
    | 'unfinished'
    | 'listen'
    | 'save'
    | 'tag'
    | 'saveAll'
    | 'saveByName'
    | 'listenToAll'
    | 'wait'
    | 'visit'
    | 'mark'
    | 'orders.place'
    | 'orders.archive.list'
  >
>();
is<Equal<keyof typeof pool.units.orders, 'place' | 'archive'>>();

// Arguments that may be left out, and none at all.
is<Equal<Parameters<typeof pool.units.page>[0], number | undefined>>();
is<Equal<Parameters<typeof pool.units.page>[1], { key: readonly string[] } | undefined>>();
await pool.run('page');
await pool.run('page', [5]);
await pool.run('page', [undefined, { key: ['a'] }], { queueTimeout: 5 });
await pool.run('page', undefined, { timeout: 5 });
is<Equal<Awaited<ReturnType<typeof pool.units.nothing>>, number>>();
is<Equal<Parameters<typeof pool.units.nothing>, []>>();
await pool.run('nothing', [], { retries: 0, transaction: false, signal: AbortSignal.timeout(5) });

// Nested names and namespaces.
const placed = await pool.run('orders.place', ['tea', 2]);
is<Equal<typeof placed, { product: string; count: number }>>();
is<Equal<ReturnType<typeof pool.units.orders.archive.list>, Promise<number[]>>>();
is<
  Equal<typeof pool.units.orders.place, (product: string, count: number) => Promise<{ product: string; count: number }>>
>();

// Streams: of what a generator yields, and of rows; singly, or in chunks.
for await (const name of pool.stream('names')) is<Equal<typeof name, string>>();
for await (const name of pool.units.names()) is<Equal<typeof name, string>>();
for await (const names of pool.stream('names', [], { chunks: true })) is<Equal<typeof names, string[]>>();
for await (const name of pool.stream('names', undefined, { chunks: false, idleTimeout: 5 }))
  is<Equal<typeof name, string>>();
for await (const row of pool.stream(sql<{ id: number }>`select 1 as id`)) is<Equal<typeof row, { id: number }>>();
for await (const row of pool.stream(sql`select 1 as id`)) is<Equal<typeof row, Record<string, unknown>>>();
for await (const rows of pool.stream(sql<{ id: number }>`select 1 as id`, { chunks: true }))
  is<Equal<typeof rows, { id: number }[]>>();
const streamed = pool.stream('names');
is<Equal<typeof streamed, Stream<string>>>();
const streamOptions: StreamOptions = {
  idleTimeout: 5_000,
  signal: AbortSignal.timeout(5),
  timeout: 5,
  queueTimeout: 5,
};
await using _ = pool.stream('names', [], streamOptions);
is<Equal<StreamName<typeof units>, 'names'>>();

// any and never go through.
const anything = await pool.run('anything', [() => 1]);
// biome-ignore lint/suspicious/noExplicitAny: what has no type has none here
is<Equal<typeof anything, any>>();
is<Equal<ReturnType<typeof pool.units.fails>, Promise<never>>>();

// Entities are detached: columns, relations that may be there, and those that surely are.
const found = await pool.run('find', [1]);
if (found) {
  is<Equal<keyof typeof found, 'id' | 'name' | 'email' | 'addresses'>>();
  is<Equal<typeof found.email, string | null>>();
  is<Equal<NonNullable<typeof found.addresses>[number]['street'], string>>();
  is<undefined extends typeof found.addresses ? true : false>();
  found.name = 'plain data may be changed';
}
const deep = await pool.run('deep');
if (deep) is<undefined extends typeof deep.addresses ? false : true>();
if (deep) is<Equal<(typeof deep.addresses)[number]['user']['name'], string>>();
if (deep) is<undefined extends (typeof deep.addresses)[number]['user']['addresses'] ? true : false>();
const deeper = await pool.run('deeper');
is<Equal<(typeof deeper)[number]['user']['addresses'][number]['street'], string>>();
is<undefined extends (typeof deeper)[number]['user']['addresses'][number]['user'] ? true : false>();
const owner = await pool.run('owner');
is<Equal<typeof owner.user.name, string>>();
is<undefined extends typeof owner.user.addresses ? true : false>();
const item = await pool.run('item');
is<
  Equal<
    { [K in keyof typeof item]: (typeof item)[K] },
    {
      code: string;
      stock: number;
      big: bigint | null;
      on: boolean;
      at: Date;
      data: { tags: string[] };
      bytes: Buffer | null;
    }
  >
>();

// Inside of Maps, Sets, tuples, objects and arrays too; what is no data is gone.
const shapes = await pool.run('shapes');
type Person = Detached<User>;
is<Equal<typeof shapes.byName, Map<string, Person>>>();
is<Equal<typeof shapes.set, Set<Person>>>();
is<Equal<(typeof shapes.pair)[0], Person | undefined>>();
is<Equal<(typeof shapes.pair)[1], 1>>();
is<Equal<(typeof shapes.nested.list)[number][number]['owner'], Person | undefined>>();
is<Equal<(typeof shapes.nested.list)[number][number]['at'], Date>>();
is<Equal<typeof shapes.maybe, Person | null>>();
is<Equal<typeof shapes.pattern, RegExp>>();
is<'render' extends keyof typeof shapes ? false : true>();

// What may be sent.
is<Equal<Sendable<Map<string, Date>>, Map<string, Date>>>();
is<Equal<Sendable<ReadonlyMap<string, ReadonlySet<Date>>>, ReadonlyMap<string, ReadonlySet<Date>>>>();
is<Equal<Sendable<{ a: [Buffer, bigint | null] }>, { a: [Buffer, bigint | null] }>>();
await pool.run('tag', [new Map([['a', new Date()]]), new Set([1n]), Buffer.from('')]);
const sent: Person = { id: 1, name: 'Ada', email: null };
is<Equal<Sendable<Person>['name'], string>>();
await pool.run('anything', [sent]);

// SQL text: of a type, of an entity, and of nobody knows what.
const typed = await pool.run(sql<{ n: number }>`select 1 as n`, { timeout: 5 });
is<Equal<typeof typed, { n: number }[]>>();
const ofEntity = await pool.run(sql<User>`select * from user`);
is<Equal<typeof ofEntity, Person[]>>();
const unknown = await pool.run(sql`delete from user`);
is<Equal<typeof unknown, Record<string, unknown>[] | Changes>>();

// Kysely over the tables of entities.
const db = new Kysely<Tables<typeof units>>({ dialect: new OffthreadDialect(pool) });
is<Equal<keyof Tables<typeof units>, 'user' | 'address' | 'item'>>();
is<Equal<keyof Tables<typeof units>['item'], 'item_code' | 'stock' | 'big' | 'is_on' | 'at' | 'data' | 'bytes'>>();
const rows = await db.selectFrom('address').select(['user_id', 'street']).executeTakeFirstOrThrow();
is<Equal<typeof rows, { user_id: number; street: string }>>();
const whole = await db.selectFrom('item').selectAll().executeTakeFirstOrThrow();
is<
  Equal<
    typeof whole,
    {
      item_code: string;
      stock: number;
      big: number | bigint | null;
      is_on: number;
      at: string;
      data: string;
      bytes: Buffer | null;
    }
  >
>();
db.insertInto('item').values({ item_code: 'a', is_on: true, at: new Date(), data: '{"tags":[]}' });
db.insertInto('item').values({ item_code: 'a', is_on: 0, at: '2026-01-31 23:59:59.999', data: '{"tags":[]}', big: 5 });
db.updateTable('item')
  .set({ is_on: false, at: new Date(), big: 5n, bytes: new Uint8Array(2) })
  .where('is_on', '=', 1);
db.selectFrom('item').where('at', '>=', '2026-01-01').where('at', '<', sql<string>`${new Date()}`);
db.insertInto('user').values({ name: 'Ada' });

// A Kysely query as a plan: rows, or what it changed.
const selected = await pool.run(db.selectFrom('user').select('name'));
is<Equal<typeof selected, { name: string }[]>>();
is<Equal<Awaited<ReturnType<typeof run>>, Changes>>();
const run = () => pool.run(db.updateTable('user').set({ name: 'x' }));
const inserted = await pool.run(db.insertInto('user').values({ name: 'Ada' }));
is<Equal<typeof inserted, Changes>>();
is<Equal<typeof inserted.insertId, number | bigint | undefined>>();
const deleted = await pool.run(db.deleteFrom('user').where('id', '=', 1));
is<Equal<typeof deleted, Changes>>();
const returned = await pool.run(db.insertInto('user').values({ name: 'Ada' }).returning('id'));
is<Equal<typeof returned, { id: number }[]>>();
const compiled: CompiledQuery<{ n: number }> = kyselySql<{ n: number }>`select 1 as n`.compile(db);
const ofCompiled = await pool.run(compiled);
is<Equal<typeof ofCompiled, { n: number }[]>>();

// A list has the answer of each of its plans, in their order.
const [first, second, third, fourth] = await pool.run(
  [
    pool.plan('find', [1]),
    db.selectFrom('user').select('id'),
    sql<{ n: number }>`select 1 as n`,
    db.deleteFrom('user'),
  ],
  { timeout: 5 },
);
is<Equal<typeof first, Person | undefined>>();
is<Equal<typeof second, { id: number }[]>>();
is<Equal<typeof third, { n: number }[]>>();
is<Equal<typeof fourth, Changes>>();
const many: Plan<number>[] = [];
is<Equal<Awaited<ReturnType<typeof runMany>>, number[]>>();
const runMany = () => pool.run(many);
const one: Plan<Person | undefined> = pool.plan('find', [1]);
const ofOne = await pool.run(one);
is<Equal<typeof ofOne, Person | undefined>>();
await pool.run([]);

// The same through pool.with, also when it is nested.
const mine: Runner<typeof units> = pool.with({ timeout: 5 });
const again = await mine.run('userPage', [7]);
is<Equal<typeof again, typeof page>>();
await pool.with({ timeout: 5 }).with({ retries: 1 }).units.userPage(7);

// Where the units are not known: any name, any arguments, and any answer.
const untyped: Pool = await createPool({ database: 'sqlite::memory:' });
// biome-ignore lint/suspicious/noExplicitAny: what has no type has none here
is<Equal<Awaited<ReturnType<typeof untyped.run<'whatever'>>>, any>>();
await untyped.run('whatever', [1, 'two']);
await untyped.run('orders.place', ['tea', 2]);
await untyped.units.whatever?.(1, 2);

// With a report: the same answer, and beside it what it took.
const reported = await pool.run('userPage', [7], { report: true });
is<Equal<typeof reported, { result: typeof page; report: CallReport }>>();
const reportedRows = await pool.run(sql<User>`select * from user`, { report: true, timeout: 500 });
is<Equal<(typeof reportedRows)['result'][number]['name'], string>>();
const [firstOfReported] = (await pool.run([pool.plan('everyone'), pool.plan('rename', [7, 'Ada'])], { report: true }))
  .result;
is<Equal<typeof firstOfReported, typeof everyone>>();
const unreported = await pool.run('userPage', [7], { report: false });
is<Equal<typeof unreported, typeof page>>();
const options: CallOptions = { timeout: 500 };
const ordinary = await pool.run('userPage', [7], options);
is<Equal<typeof ordinary, typeof page>>();
declare const perhaps: RunOptions<boolean>;
const perhapsReported = await pool.run('userPage', [7], perhaps);
is<Equal<typeof perhapsReported, typeof page | { result: typeof page; report: CallReport }>>();
