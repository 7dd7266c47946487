import type { OpenLease } from '../lanes/lease.js';
import type { Isolation } from '../plan/isolation.js';
import { Savepoints } from './savepoints.js';

/**
 * How long a connection of Kysely's holds its lane:
 * - transaction: as long as one transaction
 * - session: on a server, until it is released; each statement outside of a transaction commits itself
 * - migration: on a file, as long as its lock is held, whose one transaction everything is a part of
 */
export type Span = 'transaction' | 'session' | 'migration';

/** The name of a savepoint in the place of a transaction. */
const WITHIN = Symbol('a transaction within the one that locks');

/** A lane that a connection of Kysely's has for itself. */
export class HeldLane {
  readonly span: Span;
  readonly #lease: OpenLease;
  readonly savepoints: Savepoints;
  #inTransaction: boolean;

  constructor(lease: OpenLease, span: Span) {
    this.#lease = lease;
    this.span = span;
    this.savepoints = new Savepoints(lease);
    this.#inTransaction = span === 'transaction';
  }

  /** The lease as it is within the savepoints that are open. */
  get lease(): OpenLease {
    return this.savepoints.lease;
  }
  /** Behind a statement: outside of a transaction it is committed now. */
  async settle(): Promise<void> {
    if (this.span === 'session' && !this.#inTransaction) await this.#lease.chain('commit');
  }

  /** Within what is held already. */
  async begin(isolation: Isolation | undefined): Promise<void> {
    if (this.span === 'migration') await this.savepoints.open(WITHIN);
    else await this.#lease.chain('commit', isolation);
    this.#inTransaction = true;
  }
  async commit(): Promise<void> {
    if (this.span === 'migration') await this.savepoints.release(WITHIN);
    else {
      await this.savepoints.endAll();
      await (this.span === 'session' ? this.#lease.chain('commit') : this.#lease.commit());
    }
    this.#inTransaction = false;
  }
  async rollback(): Promise<void> {
    this.#inTransaction = false;
    if (this.span === 'transaction') return this.letGo('rollback');
    if (this.span === 'migration') {
      await this.savepoints.rollbackTo(WITHIN);
      return this.savepoints.release(WITHIN);
    }
    await this.savepoints.endAll();
    await this.#lease.chain('rollback');
  }

  /** Ends the lease, whatever is still open in it. */
  async letGo(how: 'commit' | 'rollback'): Promise<void> {
    if (how === 'commit') {
      await this.savepoints.endAll();
      return this.#lease.commit();
    }
    await this.#lease.rollback();
    await this.savepoints.endAll();
  }
}
