import type Sqlite from 'better-sqlite3';
import { type LocalSession, openSession } from '../../lib/orm/index.js';
import { Scratch } from '../scratch.js';
import type { TestDatabase } from './database.js';

/** A database file of one test. */
export class SqliteTestDatabase implements TestDatabase {
  readonly #scratch = new Scratch();
  readonly #sessions = new Map<LocalSession, Sqlite.Database>();
  readonly #executed: string[] = [];
  readonly outside: Sqlite.Database;

  constructor(schema: string) {
    this.outside = this.#scratch.writer('pragma synchronous = off');
    this.outside.exec(`begin; ${schema}; commit`);
  }

  get url(): string {
    return `sqlite:${this.#scratch.file()}`;
  }

  openApart(schema: string): LocalSession {
    const session = this.open('sqlite::memory:');
    (session.connection as Sqlite.Database).exec(schema);
    return session;
  }

  tables(): string[] {
    return this.rows(
      `select name from sqlite_schema where type = 'table' and name not like 'sqlite%'`,
    ).flat() as string[];
  }

  isOpen(session: LocalSession): boolean {
    return this.#sessions.get(session)?.open === true;
  }

  isInTransaction(session: LocalSession): boolean {
    return this.#sessions.get(session)?.inTransaction === true;
  }

  force(sql: string): void {
    this.outside.pragma('foreign_keys = off');
    this.outside.exec(sql);
    this.outside.pragma('foreign_keys = on');
  }

  open(url = this.url): LocalSession {
    const session = openSession(url, { synchronous: 'OFF', busyTimeout: 100 });
    const connection = session.connection as Sqlite.Database;
    this.#sessions.set(session, connection);
    record(connection, this.#executed);
    return session;
  }

  during(work: () => unknown): string[] {
    const before = this.#executed.length;
    work();
    return this.#executed.slice(before);
  }

  rows(sql: string): unknown[][] {
    return this.outside.prepare(sql).raw().all() as unknown[][];
  }

  exactRows(sql: string): unknown[][] {
    return this.outside.prepare(sql).safeIntegers().raw().all() as unknown[][];
  }

  store(table: string, column: string, value: unknown): void {
    this.outside.prepare(`update ${table} set ${column} = ?`).run(value);
  }

  close(): void {
    for (const session of this.#sessions.keys()) session.close();
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
