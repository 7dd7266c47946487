// Compiled, never run: what an entity's columns make of its properties, of `new` and of Kysely's tables.
import type { GeneratedAlways, Insertable, Selectable, Updateable } from 'kysely';
import type { Tables } from 'offthread/kysely';
import {
  bigint,
  blob,
  boolean,
  column,
  createTables,
  date,
  decimal,
  dropTables,
  Entity,
  integer,
  json,
  type LocalSession,
  real,
  type Session,
  sql,
  text,
  timestamp,
  uuid,
} from 'offthread/orm';
import { type Equal, is } from './equal.js';
import * as shop from './shop.js';

class Money {
  readonly cents: bigint;
  constructor(cents: bigint) {
    this.cents = cents;
  }
}
const money = column<Money, 'bigint'>({
  name: 'money',
  storedAs: 'bigint',
  write: (value) => value.cents,
  read: (stored) => new Money(BigInt(stored as number)),
});

export class Product extends Entity(
  'product',
  {
    id: uuid().primaryKey().default('00000000-0000-4000-8000-000000000000'),
    name: text('product_name').unique().index(),
    count: integer().index().check(sql`count >= 0`),
    version: integer('row_version').version(),
    serial: bigint().nullable(),
    weight: real(),
    price: decimal('unit_price', { precision: 8, scale: 2 }),
    rate: decimal({ precision: 3 }),
    exact: decimal(),
    on: boolean().default(true),
    day: date(),
    madeAt: timestamp('made_at').default(sql`current_timestamp`),
    changedAt: timestamp().onUpdate(() => new Date()),
    seenAt: timestamp()
      .nullable()
      .onUpdate(() => null),
    tags: json<string[]>(),
    anything: json('any_thing'),
    notes: json<{ text: string }[], 'product_notes'>('product_notes').nullable(),
    bytes: blob().references('file.bytes'),
    cost: money('cost_cents'),
    worth: real('total_worth').generated(sql`count * weight`),
  },
  { unique: [['name', 'day']], indexes: [['count'], ['on', 'madeAt']], checks: [sql`count < weight`] },
) {}

declare const product: Product;
is<
  Equal<
    { [K in keyof typeof product as K extends string ? K : never]: (typeof product)[K] },
    {
      id: string;
      name: string;
      count: number;
      version: number;
      serial: bigint | null;
      weight: number;
      price: string;
      rate: string;
      exact: string;
      on: boolean;
      day: string;
      madeAt: Date;
      changedAt: Date;
      seenAt: Date | null;
      tags: string[];
      anything: unknown;
      notes: { text: string }[] | null;
      bytes: Buffer;
      cost: Money;
      readonly worth: number;
    }
  >
>();

// What may be left out of `new`: what has a default, is filled in by somebody, may be null, or is a foreign key by its word. What is generated must be.
type Given = ConstructorParameters<typeof Product>[0];
type Needed = { [K in keyof Given]-?: undefined extends Given[K] ? never : K }[keyof Given];
is<Equal<Needed, 'name' | 'count' | 'weight' | 'price' | 'rate' | 'exact' | 'day' | 'tags' | 'cost'>>();
is<'worth' extends keyof Given ? false : true>();
is<Equal<Given['version'], number | undefined>>();
is<Equal<Given['madeAt'], Date | undefined>>();

// Under their names in SQL, for Kysely.
type InSql = Tables<{ Product: typeof Product }>['product'];
is<
  Equal<
    Exclude<
      keyof InSql,
      'id' | 'count' | 'serial' | 'weight' | 'rate' | 'exact' | 'on' | 'day' | 'changedAt' | 'seenAt'
    >,
    | 'product_name'
    | 'row_version'
    | 'unit_price'
    | 'made_at'
    | 'tags'
    | 'any_thing'
    | 'product_notes'
    | 'bytes'
    | 'cost_cents'
    | 'total_worth'
  >
>();
is<Equal<InSql['total_worth'], GeneratedAlways<number>>>();
is<
  Equal<
    Selectable<InSql>,
    {
      id: string;
      product_name: string;
      count: number;
      row_version: number;
      serial: number | bigint | null;
      weight: number;
      unit_price: string;
      rate: string;
      exact: string;
      on: number;
      day: string;
      made_at: string;
      changedAt: string;
      seenAt: string | null;
      tags: string;
      any_thing: string;
      product_notes: string | null;
      bytes: Buffer;
      cost_cents: number | bigint;
      total_worth: number;
    }
  >
>();
is<
  Equal<
    { [K in keyof Insertable<InSql>]: Insertable<InSql>[K] },
    {
      id?: string | undefined;
      product_name: string;
      count: number;
      row_version?: number | undefined;
      serial?: number | bigint | null | undefined;
      weight: number;
      unit_price: string;
      rate: string;
      exact: string;
      on?: number | boolean | undefined;
      day: string;
      made_at?: string | Date | undefined;
      changedAt?: string | Date | undefined;
      seenAt?: string | Date | null | undefined;
      tags: string;
      any_thing: string;
      product_notes?: string | null | undefined;
      bytes?: Uint8Array | undefined;
      cost_cents: number | bigint;
    }
  >
>();
is<Equal<Updateable<InSql>['on'], number | boolean | undefined>>();
is<'total_worth' extends keyof Updateable<InSql> ? false : true>();

// A type that does not say what it is stored as may be any of them; one that is not told its types says both by what it is given.
const link = column<URL>({ name: 'link', storedAs: 'text', write: ({ href }) => href, read: (at) => new URL(`${at}`) });
const url = column({ name: 'url', storedAs: 'text', write: ({ href }: URL) => href, read: (at) => new URL(`${at}`) });
export class Page extends Entity('page', { id: url().primaryKey(), alias: link().nullable() }) {}
type PageInSql = Selectable<Tables<{ Page: typeof Page }>['page']>;
is<Equal<PageInSql, { id: string; alias: string | number | bigint | Buffer | null }>>();

// A key that the database does not make is given.
is<Equal<ConstructorParameters<typeof Page>[0], { id: URL; alias?: URL | null | undefined }>>();
class Letter extends Entity('letter', { kind: text<'f' | 's'>().primaryKey(), serial: bigint().primaryKey() }) {}
is<Equal<ConstructorParameters<typeof Letter>[0], { kind: 'f' | 's'; serial?: bigint | undefined }>>();

// Text that is one of some.
is<Equal<Selectable<Tables<{ Letter: typeof Letter }>['letter']>['kind'], 'f' | 's'>>();
const narrowed = {
  id: integer().primaryKey(),
  size: text<'s' | 'm', 'shirt_size'>('shirt_size').default('s'),
  any: text(),
  named: text('with_name'),
};
class Shirt extends Entity('shirt', narrowed) {}
is<Equal<ConstructorParameters<typeof Shirt>[0]['size'], 's' | 'm' | undefined>>();
is<Equal<Shirt['any'] | Shirt['named'], string>>();
is<Equal<keyof Tables<{ Shirt: typeof Shirt }>['shirt'], 'id' | 'shirt_size' | 'any' | 'with_name'>>();
declare const some: Session;
some
  .query(Shirt)
  .where({ size: ['s', 'm'] })
  .where('size', '!=', 's')
  .where('size', 'like', '%s');

// The tables of classes, of a module, and of a part of one, in either kind of session.
export const setUp = (session: Session, local: LocalSession) => {
  createTables(session, [Product, shop.User]);
  createTables(local, shop, { ifNotExists: true });
  dropTables(session, { Product }, { ifExists: true });
  is<Equal<typeof session.dialect, 'sqlite' | 'mysql'>>();
};
