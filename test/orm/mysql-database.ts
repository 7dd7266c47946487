import { type MysqlConnection, openMysql } from '../../lib/connection/mysql/mysql.js';
import { LocalSession } from '../../lib/orm/open-session.js';
import { sharedServer, type TestServer } from '../mysql/server.js';
import type { TestDatabase } from './database.js';
import { toMysql } from './mysql-schema.js';

const NAME = 'offthread_orm';
/** In which two texts are equal only if they are the same, as on SQLite; each server has another name for it. */
const COLLATIONS = "'utf8mb4_nopad_bin', 'utf8mb4_0900_bin'";

/** The one database of all these tests. */
export interface Place {
  readonly server: TestServer;
  readonly outside: MysqlConnection;
  /** The schema that it has, with the rows that come with it; undefined where a test has changed something. */
  schema: string | undefined;
}
let made: Promise<Place> | undefined;

/** Makes it when it is first asked for. */
export function mysqlPlace(): Promise<Place> {
  made ??= makePlace();
  return made;
}

async function makePlace(): Promise<Place> {
  const server = await sharedServer();
  await server.makeDatabase(NAME);
  const outside = openMysql(targetOf(server));
  const query = (sql: string) => outside.raw.query(sql)[0] as Record<string, string>[];
  const collations = `select collation_name as name from information_schema.collations where collation_name in (${COLLATIONS})`;
  query(`alter database ${NAME} collate ${query(collations)[0]?.name ?? 'utf8mb4_bin'}`);
  query('set innodb_lock_wait_timeout = 0');
  query(`set ${outside.server.isMariaDb ? 'max_recursive_iterations' : 'cte_max_recursion_depth'} = 100000`);
  // Tests write names and texts as SQLite takes them.
  query("set sql_mode = concat(@@sql_mode, ',ANSI_QUOTES,PIPES_AS_CONCAT')");
  return { server, outside, schema: undefined };
}

const targetOf = ({ host, port, user, password }: TestServer) =>
  ({
    address: { host, port },
    user,
    password,
    database: NAME,
    connectTimeout: 10_000,
    maxRows: Number.POSITIVE_INFINITY,
    access: 'write',
  }) as const;

const TABLES = 'select table_name, table_type from information_schema.tables where table_schema = database()';

/** The tables of one test. They stay for the next where it has only read. */
export class MysqlTestDatabase implements TestDatabase {
  readonly #place: Place;
  readonly #sessions = new Map<LocalSession, MysqlConnection>();
  readonly #executed: string[] = [];
  readonly outside = { exec: (sql: string) => this.#exec(sql) };

  constructor(place: Place, schema: string) {
    this.#place = place;
    this.#make(schema);
  }

  #make(schema: string): void {
    if (this.#place.schema === schema) return;
    this.#unchecked(() => {
      for (const [name, type] of this.rows(TABLES)) this.#query(`drop ${type === 'VIEW' ? 'view' : 'table'} "${name}"`);
      this.#exec(schema);
    });
    this.#place.schema = schema;
  }

  /** Emptied, tables keep the number of the last key. */
  openApart(schema: string): LocalSession {
    if (this.#apart === schema) {
      for (const [name] of this.rows(TABLES)) this.force(`delete from "${name}"`);
      for (const insert of toMysql(schema).filter((statement) => statement.startsWith('insert'))) this.force(insert);
    } else this.#make(schema);
    this.#apart = schema;
    return this.open();
  }
  #apart: string | undefined;

  tables(): string[] {
    return this.rows(TABLES).map(([name]) => name as string);
  }

  isOpen(session: LocalSession): boolean {
    return this.#sessions.get(session)?.isOpen === true;
  }

  isInTransaction(session: LocalSession): boolean {
    return this.#sessions.get(session)?.inTransaction === true;
  }

  force(sql: string): void {
    this.#unchecked(() => this.#exec(sql));
  }
  /** Waits for locks: the server may not have undone yet what a connection left that is closed. */
  #unchecked(work: () => void): void {
    this.#query('set foreign_key_checks = 0, innodb_lock_wait_timeout = 20');
    try {
      work();
    } finally {
      this.#query('set foreign_key_checks = 1, innodb_lock_wait_timeout = 0');
    }
  }

  #query(sql: string): Record<string, unknown>[] {
    return this.#place.outside.raw.query(sql)[0] as Record<string, unknown>[];
  }
  #exec(sql: string): void {
    this.#place.schema = undefined;
    for (const statement of toMysql(sql)) this.#query(statement);
  }

  get url(): string {
    return this.#place.server.url(NAME);
  }

  open(): LocalSession {
    const connection = openMysql(targetOf(this.#place.server));
    this.#record(connection);
    const session = new LocalSession(connection);
    this.#sessions.set(session, connection);
    return session;
  }

  /** Statements are prepared once and kept: what counts is how often each is executed. */
  #record(connection: MysqlConnection): void {
    const prepare = connection.prepare.bind(connection);
    const recorded = new WeakSet<object>();
    connection.prepare = (sql) => {
      const statement = prepare(sql);
      if (recorded.has(statement)) return statement;
      recorded.add(statement);
      for (const name of ['all', 'iterate', 'run', 'execute'] as const) {
        const execute = statement[name].bind(statement) as (values: readonly unknown[]) => never;
        statement[name] = (values: readonly unknown[]): never => {
          this.#executed.push(sql.replaceAll('`', '"'));
          if (!/^\s*select\b/i.test(sql)) this.#place.schema = undefined;
          return execute(values);
        };
      }
      return statement;
    };
  }

  during(work: () => unknown): string[] {
    const before = this.#executed.length;
    work();
    return this.#executed.slice(before);
  }

  rows(sql: string): unknown[][] {
    const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    return this.exactRows(sql).map((row) => row.map(plain));
  }

  exactRows(sql: string): unknown[][] {
    return this.#place.outside.prepare(sql).all([]);
  }

  store(table: string, column: string, value: unknown): void {
    const type =
      typeof value === 'string'
        ? 'varchar(190)'
        : value instanceof Uint8Array
          ? 'varbinary(190)'
          : typeof value === 'bigint' || Number.isSafeInteger(value)
            ? 'bigint'
            : 'double';
    this.#exec(`update ${table} set ${column} = null; alter table ${table} modify ${column} ${type}`);
    this.#place.outside.prepare(`update ${table} set ${column} = ?`).run([value]);
  }

  close(): void {
    for (const session of this.#sessions.keys()) session.close();
  }
}
