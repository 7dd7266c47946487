import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { createPool, type Pool, type PoolOptions } from 'offthread';
import type * as units from './fault-units.js';
import { type OwnServer, startServer } from './server.js';

export type Notes = Pool<typeof units>;

/** A server of its own with a table of notes, and the pools that were opened on it. */
export class FaultStage {
  readonly server: OwnServer;
  readonly #pools: Notes[] = [];
  /** Connections that asked beside the pool: the server may still have one when that is gone here. */
  readonly #outside = new Set<string>();

  private constructor(server: OwnServer) {
    this.server = server;
  }

  static async start(...further: string[]): Promise<FaultStage> {
    const stage = new FaultStage(await startServer(...further));
    await stage.server.makeDatabase('fault');
    await stage.ask('create table note (id bigint primary key, body longtext not null) engine = innodb');
    return stage;
  }

  async open(options: Partial<PoolOptions> = {}): Promise<Notes> {
    const pool = await createPool<typeof units>({
      database: this.server.url('fault'),
      units: new URL('./fault-units.js', import.meta.url),
      threads: 2,
      timeout: 15_000,
      queueTimeout: 15_000,
      ...options,
    });
    this.#pools.push(pool);
    return pool;
  }

  /** Asks the server beside the pool. */
  async ask(text: string): Promise<Record<string, unknown>[]> {
    const connection = await this.server.connect('fault');
    this.#outside.add(this.#keyOf(connection.threadId));
    try {
      const [rows] = await connection.query<RowDataPacket[]>(text);
      return rows;
    } finally {
      connection.destroy();
    }
  }
  connect(): Promise<Connection> {
    return this.server.connect('fault');
  }
  async ids(): Promise<unknown[]> {
    return (await this.ask('select id from note order by id')).map(({ id }) => id);
  }
  async clear(): Promise<void> {
    await this.ask('delete from note');
  }

  /** A server that was started anew counts from one again. */
  #keyOf(connection: number): string {
    return `${this.server.pid} ${connection}`;
  }

  /** Our connections on the server. */
  async connections(): Promise<number[]> {
    const rows = await this.ask("select id from information_schema.processlist where db = 'fault'");
    return rows.map(({ id }) => id as number).filter((id) => !this.#outside.has(this.#keyOf(id)));
  }

  async remove(): Promise<void> {
    await this.server.signal('SIGCONT');
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
    await this.server.stop();
  }
}

/** The sockets of this process, of all its threads. */
export function countSockets(): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

/** Until it is so; a test that waits for what never comes fails by its own limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(10);
}

export const isServing = (pool: Notes, lanes = 2): boolean =>
  pool.stats().lanes.filter(({ state }) => state === 'idle').length === lanes;
