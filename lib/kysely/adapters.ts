import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, MysqlAdapter, SqliteAdapter } from 'kysely';
import { DatabaseError } from '../errors.js';
import { queryBuilderOf } from '../plan/dialect.js';
import { sql } from '../plan/sql.js';
import { now } from '../wire/clock.js';
import { PoolConnection } from './connection.js';

/** Of a migration nobody knows how long it takes. */
const UNLIMITED = {
  timeout: Number.POSITIVE_INFINITY,
  queueTimeout: Number.POSITIVE_INFINITY,
  idleTimeout: Number.POSITIVE_INFINITY,
  totalTimeout: Number.POSITIVE_INFINITY,
} as const;
/** How long others may migrate before this one gives up: as long as Kysely waits for its own. Seconds. */
const LONGEST_WAIT = 60 * 60;
/** Milliseconds, beside the `busyTimeout` that the database itself waits. */
const BETWEEN_TRIES = 50;

/** What Kysely asks of a database that is a file. */
export class SqlitePoolAdapter extends SqliteAdapter {
  /** Without this, Kysely would let one query wait for the other. */
  get supportsMultipleConnections(): boolean {
    return true;
  }
  /** All migrations of one run are one transaction, which is also their lock. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
  override acquireMigrationLock(db: AnyKysely): Promise<void> {
    return onConnection(db, lockFile);
  }
  override releaseMigrationLock(db: AnyKysely): Promise<void> {
    return onConnection(db, async (connection) => {
      if (connection.span === 'migration') await connection.letGo('commit');
    });
  }
}

/** The same of a server. */
export class MysqlPoolAdapter extends MysqlAdapter {
  override acquireMigrationLock(db: AnyKysely): Promise<void> {
    return onConnection(db, lockOnServer);
  }
  /** With its session goes its lock, if the server has not let go of both before. */
  override releaseMigrationLock(db: AnyKysely): Promise<void> {
    return onConnection(db, (connection) => connection.letGo('rollback'));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as Kysely declares it
type AnyKysely = Kysely<any>;

/** The migrator has one connection, to which its Kysely is bound. */
const onConnection = (db: AnyKysely, work: (connection: PoolConnection) => Promise<void>): Promise<void> =>
  db.getExecutor().provideConnection(async (connection) => {
    if (!(connection instanceof PoolConnection)) throw new TypeError('A connection of another dialect.');
    await work(connection);
  });

/** The lock for writing is held from here on, by one transaction: another process waits, also one that dies lets it go. */
async function lockFile(connection: PoolConnection): Promise<void> {
  // In a transaction that the caller has begun the lock is held already.
  if (connection.span !== undefined) return;
  const start = now();
  for (;;) {
    try {
      return await connection.hold('migration', UNLIMITED);
    } catch (error) {
      const isBusy = error instanceof DatabaseError && error.kind === 'busy';
      if (!isBusy || now() - start > LONGEST_WAIT * 1_000) throw error;
    }
    await pause(BETWEEN_TRIES);
  }
}

/** Kysely's own name for it, so that whoever migrates by another dialect waits too. */
const LOCK = 'ea586330-2c93-47c8-908d-981d9d270f9d';

async function lockOnServer(connection: PoolConnection): Promise<void> {
  await connection.hold('session', UNLIMITED);
  const query = sql<{ got: number | null }>`select get_lock(${LOCK}, ${LONGEST_WAIT}) as got`;
  const { rows } = await connection.executeQuery<{ got: number | null }>(query.compile(queryBuilderOf('mysql')));
  if (rows[0]?.got === 1) return;
  throw new DatabaseError(`The lock for migrations was not free within ${LONGEST_WAIT} seconds.`, {
    code: 'ER_LOCK_WAIT_TIMEOUT',
    kind: 'lock-timeout',
  });
}
