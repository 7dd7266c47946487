// Compiled, never run: what an entity's columns make of its properties, of `new` and of Kysely's tables.
import type { GeneratedAlways } from 'kysely';
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
const money = column<Money>({
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

// The tables of classes, of a module, and of a part of one, in either kind of session.
export const setUp = (session: Session, local: LocalSession) => {
  createTables(session, [Product, shop.User]);
  createTables(local, shop, { ifNotExists: true });
  dropTables(session, { Product }, { ifExists: true });
  is<Equal<typeof session.dialect, 'sqlite'>>();
};
