// Compiled, never run: how a wrapped module looks to its caller.
import type Sqlite from 'better-sqlite3';
import { createPool, type Proxied, proxy, type Remote, type Wrapped } from 'offthread';
import type * as shop from '../wrap/modules/shop.js';
import { type Equal, is } from './equal.js';

const pool = await createPool({});
const dao = pool.wrap<typeof import('../wrap/modules/shop.js')>(new URL('./shop.js', import.meta.url), {
  lanes: 2,
  timeout: 500,
  signal: AbortSignal.timeout(5),
});
is<Equal<typeof dao, Wrapped<typeof shop>>>();

// Functions, constants, and what is awaited there.
const sum = await dao.add(1, 2);
is<Equal<typeof sum, number>>();
const version = await dao.VERSION;
is<Equal<typeof version, '1.2.3'>>();
const settings = await dao.settings;
is<Equal<typeof settings, { currency: string; rates: Map<string, number>; since: Date }>>();
const later = await dao.later('x');
is<Equal<typeof later, string>>();
is<Equal<Awaited<ReturnType<typeof dao.fail>>, never>>();

// Classes: objects, their methods and properties, and static members.
const basket = await new dao.Basket();
is<Equal<typeof basket, Remote<shop.Basket>>>();
const names = await basket.names();
is<Equal<typeof names, string[]>>();
const size = await basket.size;
is<Equal<typeof size, number>>();
const isOpen = await basket.isOpen;
is<Equal<typeof isOpen, boolean>>();
const chained = await (await basket.put('tea')).size;
is<Equal<typeof chained, number>>();
const made = await dao.Basket.made;
is<Equal<typeof made, number>>();
await (await dao.Basket.of('tea')).take(basket);
// An assignment is data's, which the type of a promise cannot say.
Object.assign(basket, { limit: 5 });
await basket[Symbol.asyncDispose]();
{
  await using other = await new dao.Basket();
  await other.put('tea');
}

// Factories of functions and of objects.
const count = await dao.counter(5);
is<Equal<Awaited<ReturnType<typeof count>>, number>>();
await count(2);
const currency = await dao.settings.currency;
is<Equal<typeof currency, string>>();
const till = await dao.openTill();
const cash = await till.cash;
is<Equal<typeof cash, number>>();
await till.baskets.first.put('tea');
const first = await till.baskets.first;
is<Equal<typeof first, Remote<shop.Basket>>>();
const { left, right, count: two, map } = await dao.pair();
is<Equal<typeof left, Remote<shop.Basket>>>();
is<Equal<typeof right, Remote<shop.Basket>[]>>();
is<Equal<typeof two, number>>();
is<Equal<typeof map, Map<string, Remote<shop.Basket>>>>();
for await (const step of await dao.countTo(3)) is<Equal<typeof step, { i: number }>>();

// Callbacks: what they answer may be a promise.
const each: Promise<number> = dao.each(
  3,
  proxy((done) => console.log(done.toFixed())),
);
await dao.sum(
  3,
  proxy(async (i: number) => i * 2),
);
is<Equal<typeof each, Promise<number>>>();
const marked = proxy((text: string) => text.length);
is<typeof marked extends Proxied ? true : false>();
is<Equal<ReturnType<typeof marked>, number>>();

interface Module {
  find(id: number): { name: string; tags: readonly string[]; seen: Date | null; photo: Buffer } | undefined;
  all(): unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: a function that says nothing of its type
  anything(): any;
  nothing(): void;
  import(rows: Iterable<string>[], options?: { onProgress?: (done: number) => void; batch?: number }): number;
  readonly db: Sqlite.Database;
  readonly statements: { readonly get: Sqlite.Statement };
  readonly on: ((event: string) => void) | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: as a driver's row has it
  readonly row: { a: null; b: any; toJSON(): string };
}
const module = pool.wrap<Module>('/dao.js');
const found = await module.find(1);
is<Equal<typeof found, { name: string; tags: string[]; seen: Date | null; photo: Buffer } | undefined>>();
is<Equal<Awaited<ReturnType<typeof module.all>>, unknown[]>>();
// biome-ignore lint/suspicious/noExplicitAny: what has no type has none here
is<Equal<Awaited<ReturnType<typeof module.anything>>, any>>();
is<Equal<Awaited<ReturnType<typeof module.nothing>>, void>>();
await module.import([], { onProgress: proxy((done: number) => void done), batch: 10 });
// The driver's own object, used through or awaited.
const rows = await module.statements.get.all();
is<Equal<typeof rows, unknown[]>>();
await (await module.db).exec('vacuum');
await module.statements.get.run();
// Data with nothing but conversions is copied.
const { b } = await module.row;
// biome-ignore lint/suspicious/noExplicitAny: what has no type has none here
is<Equal<typeof b, any>>();

// Without a type anything can be asked.
const untyped = pool.wrap('/dao.js');
await untyped.anything.at.all(1);
