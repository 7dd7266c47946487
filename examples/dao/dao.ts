import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { UnknownCustomer } from './unknown-customer.js';

/** What a customer bought at one time. */
export interface Purchase {
  customerId: number;
  day: string;
  lines: { article: string; cents: number }[];
}

const db = new Database(process.env.SHOP_FILE ?? 'shop.db');
db.pragma('journal_mode = WAL');
db.exec(`
  create table if not exists customer (id integer primary key, name text not null);
  create table if not exists purchase (
    id integer primary key, customer_id integer not null references customer, day text not null);
  create table if not exists line (
    id integer primary key, purchase_id integer not null references purchase, article text not null, cents integer not null);
  create index if not exists purchase_customer on purchase (customer_id);
  create index if not exists line_purchase on line (purchase_id);
`);

const customerById = db.prepare<[number], { id: number; name: string }>('select id, name from customer where id = ?');
const purchasesOf = db.prepare<[number], { id: number; day: string }>(
  'select id, day from purchase where customer_id = ? order by id',
);
const linesOf = db.prepare<[number], { article: string; cents: number }>(
  'select article, cents from line where purchase_id = ? order by id',
);
const insertCustomer = db.prepare('insert into customer (name) values (?)');
const insertPurchase = db.prepare('insert into purchase (customer_id, day) values (?, ?)');
const insertLine = db.prepare('insert into line (purchase_id, article, cents) values (?, ?, ?)');

export function register(name: string): number {
  return Number(insertCustomer.run(name).lastInsertRowid);
}

export function customerPage(id: number) {
  const customer = customerById.get(id);
  if (!customer) throw new UnknownCustomer(id);
  const purchases = purchasesOf.all(id).map(({ id, day }) => {
    const lines = linesOf.all(id);
    return { day, lines, cents: lines.reduce((sum, { cents }) => sum + cents, 0) };
  });
  return { name: customer.name, purchases };
}

export function record({ customerId, day, lines }: Purchase): number {
  const id = Number(insertPurchase.run(customerId, day).lastInsertRowid);
  for (const { article, cents } of lines) insertLine.run(id, article, cents);
  return id;
}

/** A purchase in each line of the file, as JSON: all of them, or none. */
export function importFile(path: string, onProgress?: (done: number) => void): number {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  db.transaction(() => {
    for (const [i, line] of lines.entries()) {
      record(JSON.parse(line));
      if ((i + 1) % 500 === 0) onProgress?.(i + 1);
    }
  })();
  return lines.length;
}

/** What a customer has chosen, and not bought yet. */
export class Cart {
  readonly #customerId: number;
  readonly #lines: Purchase['lines'] = [];
  constructor(customerId: number) {
    this.#customerId = customerId;
  }
  add(article: string, cents: number): this {
    this.#lines.push({ article, cents });
    return this;
  }
  get cents(): number {
    return this.#lines.reduce((sum, { cents }) => sum + cents, 0);
  }
  buy(day: string): number {
    return db.transaction(() => record({ customerId: this.#customerId, day, lines: this.#lines }))();
  }
}

export function close(): void {
  db.close();
}
