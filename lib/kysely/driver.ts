import type { Driver, TransactionSettings } from 'kysely';
import { type DialectPool, type HoldLimits, PoolConnection } from './connection.js';

/** A pool as Kysely's driver: the pool itself is somebody else's to close. */
export class PoolDriver implements Driver {
  readonly #pool: DialectPool;
  readonly #limits: HoldLimits;

  constructor(pool: DialectPool, limits: HoldLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }
  init(): Promise<void> {
    return Promise.resolve();
  }
  /** One for each that asks: Kysely changes the methods of what it gets, and costs a lane only where one is held. */
  acquireConnection(): Promise<PoolConnection> {
    return Promise.resolve(new PoolConnection(this.#pool, this.#limits));
  }
  beginTransaction(connection: PoolConnection, settings: TransactionSettings): Promise<void> {
    return connection.begin(settings);
  }
  commitTransaction(connection: PoolConnection): Promise<void> {
    return connection.commit();
  }
  rollbackTransaction(connection: PoolConnection): Promise<void> {
    return connection.rollback();
  }
  savepoint(connection: PoolConnection, name: string): Promise<void> {
    return connection.savepoint(name);
  }
  rollbackToSavepoint(connection: PoolConnection, name: string): Promise<void> {
    return connection.rollbackToSavepoint(name);
  }
  releaseSavepoint(connection: PoolConnection, name: string): Promise<void> {
    return connection.releaseSavepoint(name);
  }
  releaseConnection(connection: PoolConnection): Promise<void> {
    return connection.span !== undefined ? connection.letGo('rollback') : Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
}
