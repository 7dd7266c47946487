import { type ClientRequest, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Pool, PoolOptions } from 'offthread';
import { Scratch } from '../scratch.js';
import type * as units from './units.js';

export type Notes = Pool<typeof units>;

/** A server of Fastify with a database of notes beside it: `await using desk = new Desk()`. */
export class Desk implements AsyncDisposable {
  readonly #scratch = new Scratch();
  readonly logged: { level: number; msg: string; err?: { type: string } }[] = [];
  readonly app: FastifyInstance = Fastify({
    logger: { level: 'info', stream: { write: (line) => void this.logged.push(JSON.parse(line)) } },
    forceCloseConnections: true,
  });

  /** The options of a pool on a new database; with one lane and no units, since these are what takes time to start. */
  options(name = 'notes.db'): PoolOptions {
    const file = this.#scratch.open({}, name);
    file.exec('pragma journal_mode = wal; create table note (body)');
    return { database: `sqlite:${this.#scratch.file(name)}`, threads: 1 };
  }
  withUnits(name?: string): PoolOptions {
    return { ...this.options(name), units: new URL('./units.js', import.meta.url) };
  }
  path(name: string): string {
    return this.#scratch.file(name);
  }

  async listen(): Promise<void> {
    await this.app.listen({ host: '127.0.0.1', port: 0 });
  }
  /** Asks over a real socket, which the caller may destroy. */
  ask(path: string, method = 'GET', body?: string): ClientRequest {
    const { port } = this.app.server.address() as AddressInfo;
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { 'content-type': 'application/json' } });
    // Its own end, where the test brings it about.
    asked.on('error', () => {});
    asked.end(body);
    return asked;
  }
  async answer(path: string): Promise<{ status: number; body: unknown }> {
    const { port } = this.app.server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: await answer.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    this.#scratch.remove();
  }
}

/** Hangs up; resolves when the connection is closed. */
export const hangUp = (asked: ClientRequest): Promise<void> =>
  new Promise((resolve) => void asked.once('close', resolve).destroy());
