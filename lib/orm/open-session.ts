import type { Connection } from '../connection/connection.js';
import { unwatched } from '../connection/connection.js';
import { openSqlite } from '../connection/sqlite.js';
import { parseDatabase, type SqliteSettings } from '../plan/database.js';
import { refusePromise, Session, type Sync } from './session.js';

/** A session on the current thread, with the transaction in the program's own hands. Reading needs none. */
export class LocalSession extends Session {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super(connection, {
      name: 'This session',
      access: 'write',
      beforeWrite: () => {
        if (!connection.inTransaction) connection.begin('write');
      },
      beforeRaw: () => {},
    });
    this.#connection = connection;
  }

  /**
   * Runs a function in one transaction, as a unit of work of its own: it gets a session that knows nothing yet, and is
   * committed when it returns, rolled back when it throws.
   */
  transaction<R>(work: (session: Session) => R & Sync<R>): R {
    this.commit();
    this.#connection.begin('write');
    const session = new Session(this.#connection, {
      name: 'The transaction',
      access: 'write',
      beforeWrite: () => {},
      beforeRaw: () => {},
    });
    try {
      const result = work(session);
      refusePromise(result, 'A transaction');
      session.finish();
      this.#connection.commit();
      return result;
    } catch (error) {
      this.#connection.rollback();
      throw this.#connection.toError(error);
    } finally {
      session.end();
    }
  }
  /** Writes what has changed and commits it. */
  commit(): void {
    this.flush();
    if (this.#connection.inTransaction) this.#connection.commit();
  }
  /** Undoes everything since the last commit, in the database and in the entities. */
  rollback(): void {
    this.#connection.rollback();
    this.restore();
  }
  /** Closes the connection; what was not committed is gone. */
  close(): void {
    this.end();
    this.#connection.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens a session on the current thread, for scripts, tests and tools: `using session = openSession('sqlite:shop.db')`.
 *
 * @param database `sqlite:PATH`
 * @throws TypeError | RangeError where `database` is none; DatabaseError where it cannot be opened
 */
export function openSession(database: string, settings: SqliteSettings = {}): LocalSession {
  const { path, synchronous, busyTimeout } = parseDatabase(database, settings);
  return new LocalSession(
    openSqlite({
      path,
      readonly: false,
      synchronous,
      busyTimeout,
      maxRows: Number.POSITIVE_INFINITY,
      watch: unwatched,
    }),
  );
}
