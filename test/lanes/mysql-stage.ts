import { createPool, type PoolOptions } from 'offthread';
import { sharedServer, type TestServer } from '../mysql/server.js';
import type * as units from './entity-units.js';
import type { Notes } from './stage.js';

let stages = 0;

/** A database of notes on the server of this run, and the pools that were opened on it. */
export class MysqlStage {
  readonly #server: TestServer;
  readonly #name = `lanes_${++stages}`;
  readonly url: string;
  readonly #pools: Notes[] = [];

  private constructor(server: TestServer) {
    this.#server = server;
    this.url = server.url(this.#name);
  }

  static async make(): Promise<MysqlStage> {
    const stage = new MysqlStage(await sharedServer());
    await stage.#server.makeDatabase(stage.#name);
    await stage.ask(
      'create table note (id bigint primary key auto_increment, body text, parent bigint) engine = innodb',
    );
    return stage;
  }

  async open(options: Partial<PoolOptions> = {}): Promise<Notes> {
    const pool = await createPool<typeof units>({
      database: this.url,
      units: new URL('./units.js', import.meta.url),
      threads: 1,
      timeout: 15_000,
      queueTimeout: 15_000,
      ...options,
    });
    this.#pools.push(pool);
    return pool;
  }

  async ids(): Promise<unknown[]> {
    return ((await this.ask('select id from note order by id')) as { id: number }[]).map(({ id }) => id);
  }

  async ask(text: string): Promise<unknown> {
    const connection = await this.#server.connect(this.#name);
    try {
      return (await connection.query(text))[0];
    } finally {
      connection.destroy();
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
    await this.ask(`drop database ${this.#name}`);
  }
}
