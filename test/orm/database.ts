import type Sqlite from 'better-sqlite3';
import { type LocalSession, openSession } from 'offthread/orm';
import { Scratch } from '../scratch.js';

/** A database file of one test: sessions whose statements are recorded, and a connection from outside beside them. */
export class TestDatabase {
  readonly #scratch = new Scratch();
  readonly #sessions: LocalSession[] = [];
  readonly #executed: string[] = [];
  /** Another connection, without offthread: it sees what is committed. */
  readonly outside: Sqlite.Database;

  constructor(schema: string) {
    this.outside = this.#scratch.writer('pragma synchronous = off');
    this.outside.exec(`begin; ${schema}; commit`);
  }

  get url(): string {
    return `sqlite:${this.#scratch.file()}`;
  }

  open(url = this.url): LocalSession {
    const session = openSession(url, { synchronous: 'OFF', busyTimeout: 100 });
    this.#sessions.push(session);
    record(session.connection as Sqlite.Database, this.#executed);
    return session;
  }

  /** The SQL that the sessions execute while `work` runs, in its order. */
  during(work: () => unknown): string[] {
    const before = this.#executed.length;
    work();
    return this.#executed.slice(before);
  }

  /** The committed rows of a query, as plain values. */
  rows(sql: string): unknown[][] {
    return this.outside.prepare(sql).raw().all() as unknown[][];
  }

  close(): void {
    for (const session of this.#sessions) session.close();
    this.#scratch.remove();
  }
}

/** Statements are prepared once and kept: what counts is how often each is executed. */
function record(connection: Sqlite.Database, executed: string[]): void {
  const prepare = connection.prepare.bind(connection) as (sql: string) => Sqlite.Statement<unknown[]>;
  const recorded = (sql: string) => {
    const statement = prepare(sql);
    for (const name of ['all', 'iterate', 'run'] as const) {
      const execute = statement[name].bind(statement) as (...values: unknown[]) => never;
      statement[name] = (...values: unknown[]) => {
        executed.push(sql);
        return execute(...values);
      };
    }
    return statement;
  };
  connection.prepare = recorded as never;
}

/** What `work` throws; a failure where it throws nothing, or no error. */
export function thrownBy(work: () => unknown): Error & Record<string, unknown> {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error as Error & Record<string, unknown>;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
