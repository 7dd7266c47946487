import { type AnyUnits, createPool, type Pool, type PoolOptions } from 'offthread';
import { sharedServer, type TestServer } from '../mysql/server.js';
import { Shop } from './shop.js';

/** A database with two users on either dialect, and the pools that a test opens on it. */
export interface AnyShop extends AsyncDisposable {
  /** A pool on it; with one lane unless the test says otherwise. */
  open<U = AnyUnits>(options?: Partial<PoolOptions>): Promise<Pool<U>>;
  /** Runs statements beside the pools. */
  exec(...statements: string[]): Promise<void>;
  /** The names of its users, as they are committed. */
  names(): Promise<string[]>;
}
export type Dialect = 'sqlite' | 'mysql';

const NAMES = 'select name from user order by id';

class FileShop extends Shop implements AnyShop {
  exec(...statements: string[]): Promise<void> {
    for (const statement of statements) this.outside.exec(statement);
    return Promise.resolve();
  }
  names(): Promise<string[]> {
    return Promise.resolve(this.outside.prepare(NAMES).pluck().all() as string[]);
  }
}

const SCHEMA = [
  `create table user (
    id bigint primary key auto_increment,
    name varchar(190) not null check (name <> ''),
    email varchar(190) unique,
    tags varchar(190) not null default '[]',
    photo blob,
    joined varchar(30),
    coins bigint
  )`,
  `create table address (
    id bigint primary key auto_increment,
    user_id bigint not null,
    street varchar(190) not null,
    foreign key (user_id) references user (id)
  )`,
  "insert into user (id, name, email) values (1, 'Ada', 'ada@example.org'), (2, 'Grace', null)",
  "insert into address (id, user_id, street) values (1, 1, 'St James Square'), (2, 1, 'Ockham Park')",
];
let shops = 0;

class ServerShop implements AnyShop {
  readonly #server: TestServer;
  readonly #name = `shop_${++shops}`;
  readonly #pools: AsyncDisposable[] = [];

  private constructor(server: TestServer) {
    this.#server = server;
  }
  static async make(): Promise<ServerShop> {
    const shop = new ServerShop(await sharedServer());
    await shop.#server.makeDatabase(shop.#name);
    await shop.exec(...SCHEMA);
    return shop;
  }

  async open<U = AnyUnits>(options: Partial<PoolOptions> = {}): Promise<Pool<U>> {
    const pool = await createPool<U>({ database: this.#server.url(this.#name), threads: 1, ...options });
    this.#pools.push(pool);
    return pool;
  }
  async exec(...statements: string[]): Promise<void> {
    for (const statement of statements) await this.#ask(statement);
  }
  async names(): Promise<string[]> {
    return ((await this.#ask(NAMES)) as { name: string }[]).map(({ name }) => name);
  }
  async #ask(text: string): Promise<unknown> {
    const connection = await this.#server.connect(this.#name);
    try {
      return (await connection.query(text))[0];
    } finally {
      connection.destroy();
    }
  }
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pool of this.#pools) await pool[Symbol.asyncDispose]();
    await this.#ask(`drop database ${this.#name}`);
  }
}

export const newServerShop = (): Promise<AnyShop> => ServerShop.make();

/** The same tests on either database, each on a shop of its own. */
export function onEach(title: string, describeOn: (newShop: () => Promise<AnyShop>, dialect: Dialect) => void): void {
  describe(`${title} (SQLite)`, () => describeOn(() => Promise.resolve(new FileShop()), 'sqlite'));
  describe(`${title} (MySQL)`, () => describeOn(newServerShop, 'mysql'));
}
