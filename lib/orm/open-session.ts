import type { Connection } from '../connection/connection.js';
import type { Address } from '../connection/mysql/byte-stream.js';
import { openMysql } from '../connection/mysql/mysql.js';
import { resolve } from '../connection/mysql/names.js';
import { hasOpenssl } from '../connection/mysql/openssl.js';
import { openSqlite } from '../connection/sqlite.js';
import { DatabaseError, EntityStateError, optionError, TransactionLostError, valueError } from '../errors.js';
import { isMysql, parseDatabase } from '../plan/database.js';
import type { MysqlLocation, MysqlSettings } from '../plan/mysql-location.js';
import type { SqliteLocation, SqliteSettings } from '../plan/sqlite-location.js';
import { Session } from './session.js';
import { refuseGenerator, refusePromise, type Sync } from './sync.js';
import { accessOf, type Unit } from './unit.js';

/** A session on the current thread, with the transaction in the program's own hands. Reading needs none. */
export class LocalSession extends Session {
  readonly #connection: Connection;
  /** Its own, until it is committed or rolled back, also where the database has ended it. */
  readonly #transaction: { isBegun: boolean };
  /** A transaction(fn) or a call(unit) is running, and has the connection for itself. */
  #isLent = false;
  #savepoints = 0;

  /** @internal */
  constructor(connection: Connection) {
    const transaction = { isBegun: false };
    super(connection, {
      name: 'This session',
      access: 'write',
      beforeWrite: () => {
        if (connection.inTransaction) return;
        // What it wrote before is gone: the rest of it must not be committed alone.
        if (transaction.isBegun) throw lost(connection);
        connection.begin('write');
        transaction.isBegun = true;
      },
      beforeRaw: () => {},
    });
    this.#connection = connection;
    this.#transaction = transaction;
  }

  /**
   * Runs a function in one transaction, as a unit of work of its own: it gets a session that knows nothing yet, and is
   * committed when it returns, rolled back when it throws. What this session has loaded stays as it was: `refresh` it. What it
   * has changed is committed before.
   */
  transaction<R>(work: (session: Session) => R & Sync<R>): R {
    if (typeof work !== 'function') throw valueError('transaction()', work, 'a function');
    return this.#lend('write', 'The transaction', work as (session: Session) => R);
  }

  /**
   * Runs a unit as a pool would: one that only reads on one snapshot, any other in a transaction. What this session has changed
   * is committed before.
   */
  call<A extends unknown[], R>(unit: Unit<A, R>, ...args: A): R {
    if (typeof unit !== 'function') throw valueError('call()', unit, 'a unit');
    return this.#lend(
      accessOf(unit),
      unit.name === '' ? 'A unit without a name' : `The unit '${unit.name}'`,
      (session) => unit(session, ...args),
    );
  }

  #lend<R>(access: 'read' | 'write', name: string, work: (session: Session) => R): R {
    this.#refuseToEnd('commit or begin');
    this.flush();
    this.#commit();
    this.#connection.begin(access);
    this.#isLent = true;
    const session = new Session(this.#connection, { name, access, beforeWrite: () => {}, beforeRaw: () => {} });
    try {
      const result = work(session);
      refusePromise(result, name);
      refuseGenerator(result, name);
      session.finish();
      this.#connection.commit();
      return result;
    } catch (error) {
      this.#connection.rollback();
      throw this.#connection.toError(error);
    } finally {
      this.#isLent = false;
      session.end();
    }
  }

  /** What it did inside of them would be undone, or kept, without its entities knowing. @internal */
  protected override alive(touched: string): void {
    this.#refuseWhileLent('be used');
    super.alive(touched);
  }

  #refuseWhileLent(verb: string): void {
    if (!this.#isLent) return;
    throw new EntityStateError({
      entity: 'The session',
      problem: `cannot ${verb} inside of transaction(fn) or call(unit), which have a session of their own`,
      wayOut: 'Use the session that the function was given, and its savepoint(fn).',
    });
  }

  override savepoint<R>(work: () => R & Sync<R>): R {
    this.#savepoints++;
    try {
      return super.savepoint(work as () => never) as R;
    } finally {
      this.#savepoints--;
    }
  }

  #refuseToEnd(verb: string): void {
    this.#refuseWhileLent(verb);
    if (this.#savepoints === 0) return;
    throw new EntityStateError({
      entity: 'The session',
      problem: `cannot ${verb} inside of savepoint(fn), which is only a part of the transaction`,
      wayOut: 'Return from the function to keep its work, or throw to undo it.',
    });
  }

  /** Writes what has changed and commits it. */
  commit(): void {
    this.#refuseToEnd('commit or begin');
    this.finish();
    this.#commit();
  }
  #commit(): void {
    if (this.#connection.inTransaction) this.#connection.commit();
    else if (this.#transaction.isBegun) throw lost(this.#connection);
    this.#transaction.isBegun = false;
    this.settle();
  }
  /** Undoes everything since the last commit, in the database and in the entities. */
  rollback(): void {
    this.#refuseToEnd('roll back');
    this.alive('The session');
    this.#connection.rollback();
    this.#transaction.isBegun = false;
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

const lost = ({ mayHaveCommitted }: Connection): Error =>
  new TransactionLostError({ what: 'The session' }, { outcome: mayHaveCommitted ? 'unknown' : 'not-committed' });

/**
 * Opens a session on the current thread, for scripts, tests and tools: `using session = openSession('sqlite:shop.db')`.
 * It blocks this thread while the database works.
 *
 * @param database `sqlite:PATH`, or `mysql://user:password@host:3306/name`
 * @param settings the same as the pool's option `sqlite`, or `mysql`
 * @throws TypeError | RangeError where `database` is none; DatabaseError where it cannot be opened
 */
export function openSession(database: string, settings: SqliteSettings | MysqlSettings = {}): LocalSession {
  const isServer = typeof database === 'string' && isMysql(database);
  const location = parseDatabase(
    database,
    isServer ? { mysql: settings as MysqlSettings } : { sqlite: settings as SqliteSettings },
  );
  return new LocalSession(location.dialect === 'sqlite' ? openFile(location) : openServer(location));
}

const openFile = ({ path, synchronous, busyTimeout }: SqliteLocation): Connection =>
  openSqlite({ path, readonly: false, synchronous, busyTimeout, maxRows: Number.POSITIVE_INFINITY });

function openServer({ address, user, password: ask, database, connectTimeout, tls }: MysqlLocation): Connection {
  if (tls !== undefined && !hasOpenssl())
    throw optionError('range', 'mysql.ssl', true, 'left out: here it takes a thread of its own, which a pool has');
  const password = ask();
  if (typeof password !== 'string')
    throw optionError('type', 'mysql.password', 'a promise', 'a string, or a function that returns one at once');
  const open = (each: Address) =>
    openMysql({
      address: each,
      user,
      password,
      database,
      connectTimeout,
      tls,
      maxRows: Number.POSITIVE_INFINITY,
      access: 'write',
    });
  const addresses = resolve(address);
  for (const each of addresses.slice(0, -1)) {
    try {
      return open(each);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== 'connection') throw error;
    }
  }
  return open(addresses.at(-1) as Address);
}
