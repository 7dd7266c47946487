import type { LocalSession } from '../../lib/orm/index.js';
import { MysqlTestDatabase, mysqlPlace, type Place } from './mysql-database.js';
import { SqliteTestDatabase } from './sqlite-database.js';

/** A database of one test: sessions whose statements are recorded, and a connection from outside beside them. */
export interface TestDatabase {
  readonly url: string;
  /** Another connection, without offthread's ORM: it sees what is committed. */
  readonly outside: { exec(sql: string): unknown };
  open(): LocalSession;
  /** A session on tables of its own, again and again: in memory on SQLite, on the same ones emptied on MySQL. */
  openApart(schema: string): LocalSession;
  /** The same where an integer that no number holds comes as a bigint. */
  exactRows(sql: string): unknown[][];
  /** Puts a value into a column of every row of a table, as a value of its own type. */
  store(table: string, column: string, value: unknown): void;
  /** The names of the tables that there are. */
  tables(): string[];
  /** Whether the connection of a session of this database is open. */
  isOpen(session: LocalSession): boolean;
  /** Whether a session of this database has begun a transaction. */
  isInTransaction(session: LocalSession): boolean;
  /** Runs SQL from outside that breaks foreign keys. */
  force(sql: string): void;
  /** The SQL that the sessions execute while `work` runs, in its order; its names quoted as SQLite does. */
  during(work: () => unknown): string[];
  /** The committed rows of a query, as plain values. */
  rows(sql: string): unknown[][];
  close(): void;
}
export type Dialect = 'sqlite' | 'mysql';

/** The same tests on either database; what they are given makes one with a schema, written as for SQLite. */
export function onEach(title: string, describeOn: (make: (schema: string) => TestDatabase, dialect: Dialect) => void) {
  describe(`${title} (SQLite)`, () => describeOn((schema) => new SqliteTestDatabase(schema), 'sqlite'));
  onMysql(`${title} (MySQL)`, (make) => describeOn(make, 'mysql'));
}

/** Tests of what is so on MySQL alone. */
export function onMysql(title: string, describeOn: (make: (schema: string) => TestDatabase) => void) {
  describe(title, () => {
    let place: Place;
    before(async function () {
      this.timeout(60_000);
      place = await mysqlPlace();
    });
    describeOn((schema) => new MysqlTestDatabase(place, schema));
  });
}

/** A statement as an error tells it. */
export const quoted = (sql: string, dialect: Dialect): string => (dialect === 'mysql' ? sql.replaceAll('"', '`') : sql);

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
