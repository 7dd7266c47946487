import type Database from 'better-sqlite3';
import { createPool, type Pool, type PoolOptions } from 'offthread';
import { Scratch } from '../scratch.js';
import type * as units from './entity-units.js';

export type Notes = Pool<typeof units>;

/** For `open`, where units with entities are called. */
export const WITH_ENTITIES = { units: new URL('./entity-units.js', import.meta.url) };

/** A folder with a database of notes, and the pools that were opened on it. */
export class Stage {
  readonly scratch = new Scratch();
  readonly file = this.scratch.file('notes.db');
  readonly url = `sqlite:${this.file}`;
  readonly #pools: Notes[] = [];

  async open(options: Partial<PoolOptions> = {}): Promise<Notes> {
    const pool = await createPool<typeof units>({
      database: this.url,
      units: new URL('./units.js', import.meta.url),
      setup: new URL('./setup.js', import.meta.url),
      threads: 2,
      timeout: 15_000,
      queueTimeout: 15_000,
      ...options,
    });
    this.#pools.push(pool);
    return pool;
  }

  /** A connection of its own beside the pool's. */
  connect(): Database.Database {
    return this.scratch.open({}, 'notes.db');
  }

  /** Whose rows are committed. */
  ids(): Promise<unknown[]> {
    return Promise.resolve(this.connect().prepare('select id from note order by id').pluck().all());
  }

  async remove(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
    this.scratch.remove();
  }
}
