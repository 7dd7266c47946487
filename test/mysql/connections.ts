import { type MysqlConnection, type MysqlOptions, openMysql } from '../../lib/connection/mysql/mysql.js';
import { chooseTransport } from '../../workers/transport.js';
import { sharedServer, type TestServer } from './server.js';

/** Blocking connections to a database of its own, for one suite. */
export class Connections {
  readonly server: TestServer;
  readonly database: string;
  readonly #open: MysqlConnection[] = [];

  private constructor(server: TestServer, database: string) {
    this.server = server;
    this.database = database;
  }

  static async make(database: string, server?: TestServer): Promise<Connections> {
    const on = server ?? (await sharedServer());
    await on.makeDatabase(database);
    return new Connections(on, database);
  }

  open(options: Partial<MysqlOptions> = {}): MysqlConnection {
    const { host, port, user, password } = this.server;
    const connection = openMysql({
      address: { host, port },
      user,
      password,
      database: this.database,
      connectTimeout: 10_000,
      maxRows: 1_000_000,
      access: 'write',
      // As a lane's: so these tests too run over a relay where that is asked for.
      stream: chooseTransport(undefined),
      ...options,
    });
    this.#open.push(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.#open.splice(0)) connection.close();
  }
}

/** The rows of one query. */
export const rowsOf = (connection: MysqlConnection, sql: string, ...parameters: readonly unknown[]): unknown[][] =>
  connection.prepare(sql).all(parameters);

/** How often the server has counted something, of this session or of all. */
export const counted = (connection: MysqlConnection, what: string, of: 'session' | 'global'): number =>
  Number(rowsOf(connection, `show ${of} status like '${what}'`)[0]?.[1]);

/** Runs what changes something. */
export const change = (connection: MysqlConnection, sql: string, ...parameters: readonly unknown[]) =>
  connection.prepare(sql).run(parameters);

/** What it throws; an error where it throws nothing. */
export function thrown(work: () => unknown): Error & Record<string, unknown> {
  try {
    work();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it threw nothing');
}
