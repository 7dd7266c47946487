import { randomBytes } from 'node:crypto';
import { TransactionLostError } from '../../errors.js';
import { type Isolation, readIsolation } from '../../plan/isolation.js';

// A name that no unit can guess: one that made a savepoint of the same name would end ours.
const SAVEPOINT = `offthread_${randomBytes(8).toString('hex')}`;

/** What we know of the transaction of our session. */
export class Transaction {
  /**
   * - held: begun for the unit, and not yet said to the server: that goes out with the unit's first statement
   * - lost: the server has ended it by itself
   */
  state: 'none' | 'held' | 'open' | 'lost' = 'none';
  /** Something may have been written in it. */
  hasWritten = false;
  /** Something of the unit was committed already, by a statement that commits. */
  mayHaveCommitted = false;
  /** What is to be said to the server in front of the first statement. */
  #start: readonly string[] = [];
  #canOnlyRead = false;
  /** How one was started that could only read, and has ended without the server being told yet. */
  #left: readonly string[] | undefined;
  #depth = 0;
  /** Its first statement is made of statements, which may have ended it: with it its first savepoint would be gone. */
  isGuarded = false;

  begin(access: 'read' | 'write', isolation: Isolation | undefined): void {
    const start = access === 'read' ? 'start transaction read only' : 'start transaction';
    // It becomes part of a statement, which binds nothing.
    const level = readIsolation('isolation', isolation);
    this.#start = level === undefined ? [start] : [`set transaction isolation level ${level}`, start];
    this.#canOnlyRead = access === 'read';
    this.mayHaveCommitted = false;
    this.#hold();
  }
  #hold(): void {
    this.state = 'held';
    this.hasWritten = false;
    this.isGuarded = false;
    this.#depth = 0;
  }
  /** What is to be said to the server in front of a statement that is made of statements. */
  get guardedOpening(): readonly string[] {
    if (this.state !== 'held') return this.opening;
    this.isGuarded = true;
    return [...this.opening, `savepoint ${SAVEPOINT}`];
  }
  get guardTest(): string {
    return `rollback to savepoint ${SAVEPOINT}`;
  }
  /** What is to be said to the server in front of the next statement. */
  get opening(): readonly string[] {
    const start = this.state === 'held' ? this.#start : [];
    // The start of a transaction ends the one before it. On MySQL it then can write no more than that one could, and has its level.
    const isAsBefore = start.length === 1 && this.#left?.length === 1 && start[0] === this.#left[0];
    return this.isLeft && !isAsBefore ? ['rollback', ...start] : start;
  }
  /** The server has been told of it. */
  opened(): void {
    this.forgetLeft();
    if (this.state === 'held') this.state = 'open';
  }
  /** A statement has committed it; what follows belongs to another, which the unit sees as the same. */
  beginAgain(): void {
    this.mayHaveCommitted ||= this.hasWritten;
    this.#hold();
  }
  /** The server has ended it by itself, or somebody else has. */
  lose(mayHaveCommitted = false): void {
    this.mayHaveCommitted ||= mayHaveCommitted;
    if (this.state === 'open') this.state = 'lost';
  }
  /** What a unit did next would be committed statement by statement, and nobody could take it back. */
  refuseLost(): void {
    if (this.state !== 'lost') return;
    throw new TransactionLostError(
      { what: 'The unit' },
      { outcome: this.mayHaveCommitted ? 'unknown' : 'not-committed' },
    );
  }
  /** Ends it without a word to the server, if that can wait. */
  leave(): boolean {
    if (this.state !== 'open' || !this.#canOnlyRead || this.hasWritten) return false;
    this.end();
    this.#left = this.#start;
    return true;
  }
  get isLeft(): boolean {
    return this.#left !== undefined;
  }
  /** The server has been told that it has ended. */
  forgetLeft(): void {
    this.#left = undefined;
  }
  end(): void {
    this.state = 'none';
    this.hasWritten = false;
    this.#depth = 0;
  }
  get isActive(): boolean {
    return this.state === 'held' || this.state === 'open';
  }

  // A second savepoint of the same name would take the place of the first.
  savepoint(): string {
    return `savepoint ${SAVEPOINT}_${++this.#depth}`;
  }
  release(): string {
    return `release savepoint ${SAVEPOINT}_${this.#depth--}`;
  }
  rollbackToSavepoint(): readonly string[] {
    const back = `rollback to savepoint ${SAVEPOINT}_${this.#depth}`;
    return [back, this.release()];
  }
}
