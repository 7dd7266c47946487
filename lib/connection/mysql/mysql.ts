import { DatabaseError } from '../../errors.js';
import type { Isolation } from '../../plan/isolation.js';
import type { Connection, Read, Rows, Watch } from '../connection.js';
import { DoneAnswer, type ResultAnswer } from './answer.js';
import type { Target } from './connect.js';
import { Execution } from './execution.js';
import { Link } from './link.js';
import { toDatabaseError, withoutAnswer } from './mysql-error.js';
import { Pipeline } from './pipeline.js';
import { type RawConnection, toRaw } from './raw.js';
import { introduce, type Server } from './server.js';
import { type SqlTraits, traitsOf } from './sql-traits.js';
import { MysqlStatement } from './statement.js';
import { Transaction } from './transaction.js';

export interface MysqlOptions extends Target {
  /** Milliseconds, over the whole handshake. */
  readonly connectTimeout: number;
  /** More rows than this are an error. */
  readonly maxRows: number;
  /** `read` on a replica. */
  readonly access: 'read' | 'write';
  /** Who watches from another thread. */
  readonly watch?: Watch;
}

const NO_SUCH_SAVEPOINT = 1305;

/** Connects to a MySQL or MariaDB server. */
export function openMysql(options: MysqlOptions): MysqlConnection {
  return new MysqlConnection(options);
}

/** A session on a server, as the ORM and the worker know connections. */
export class MysqlConnection implements Connection {
  readonly dialect = 'mysql';
  readonly raw: RawConnection;
  readonly #options: MysqlOptions;
  readonly #link: Link;
  readonly #transaction = new Transaction();
  readonly #execution: Execution;
  readonly #lent: RawConnection;
  /** What the setup has run, which a reset undoes. */
  readonly #setup: (readonly [sql: string, values: readonly unknown[]])[] = [];

  constructor(options: MysqlOptions) {
    this.#options = options;
    this.#link = new Link(options, options.connectTimeout, options.watch);
    this.#execution = new Execution(this.#link, this.#transaction, options.maxRows);
    this.restrict('write');
    this.raw = toRaw((sql, values) => {
      const answer = this.#runSetup(sql, values);
      this.#setup.push([sql, values]);
      return answer;
    });
    this.#lent = toRaw((sql, values) => this.#runRaw(sql, values));
  }

  get system(): 'mysql' | 'mariadb' {
    return this.server.isMariaDb ? 'mariadb' : 'mysql';
  }
  get server(): Server {
    return this.#link.server;
  }
  get streamKind(): 'socket' | 'relay' {
    return this.#link.streamKind;
  }
  get keyStep(): number {
    return this.server.keyStep;
  }
  get isOpen(): boolean {
    return this.#link.isOpen;
  }
  get received(): number {
    return this.#link.conversation.received;
  }
  isFit(): boolean {
    try {
      return !this.#link.conversation.hasEnded();
    } catch {
      return false;
    }
  }
  get inTransaction(): boolean {
    return this.#transaction.isActive;
  }
  get mayHaveCommitted(): boolean {
    return this.#transaction.mayHaveCommitted;
  }
  get isClean(): boolean {
    return !this.#execution.isMarked;
  }
  lend(): RawConnection {
    this.#execution.isMarked = true;
    this.#transaction.hasWritten = true;
    return this.#lent;
  }

  readonly groupsWrites = false;
  prepare(sql: string): MysqlStatement {
    return this.#execution.prepare(sql);
  }
  reads(sql: string): boolean {
    return this.#traitsOf(sql).reads;
  }
  needsTransaction(sql: string): boolean {
    const { compounds, calls, returns, marks } = this.#traitsOf(sql);
    // Where the rows that it changed cannot be answered, it has to be undone.
    return compounds || calls || (returns && !marks);
  }
  compounds(sql: string): boolean {
    return this.#traitsOf(sql).compounds;
  }
  #traitsOf(sql: string): SqlTraits {
    return this.#execution.statements.find(sql)?.traits ?? traitsOf(sql);
  }
  readTogether(reads: readonly Read[], begins: (index: number) => void = () => {}): readonly (Rows | Error)[] {
    return new Pipeline(this.#link, this.#execution, reads, begins).run();
  }
  /** Whatever the text does: who has the raw connection may also begin and commit. */
  #runRaw(sql: string, values: readonly unknown[]): ResultAnswer {
    const traits = traitsOf(sql);
    const statement = traits.controls ? new MysqlStatement(sql, traits, this.#execution) : this.prepare(sql);
    statement.isText ||= traits.controls;
    return this.#execution.run(statement, values, Number.POSITIVE_INFINITY);
  }

  /** What the setup makes of a session is meant to stay. */
  #runSetup(sql: string, values: readonly unknown[]): ResultAnswer {
    const answer = this.#runRaw(sql, values);
    this.#execution.isMarked = false;
    return answer;
  }

  begin(access: 'read' | 'write', isolation?: Isolation): void {
    this.#transaction.begin(access, isolation);
  }
  commit(): void {
    this.closeIterators();
    const transaction = this.#transaction;
    transaction.refuseLost();
    const { state, hasWritten } = transaction;
    transaction.end();
    if (state !== 'open') return;
    try {
      this.#say(['commit'], hasWritten);
    } catch (error) {
      throw hasWritten ? withoutAnswer(error) : error;
    }
  }
  rollback(): void {
    const transaction = this.#transaction;
    const { state, hasWritten } = transaction;
    try {
      this.closeIterators();
      if (state === 'open' && transaction.isGuarded) this.#testGuard();
      if ((state === 'open' || state === 'lost') && this.isOpen) this.#say(['rollback'], hasWritten);
    } catch {
      // The error that led here is the one to tell. When we are gone, the server rolls back by itself.
      this.#link.conversation.close();
    } finally {
      transaction.end();
    }
  }
  #testGuard(): void {
    try {
      this.#say([this.#transaction.guardTest]);
    } catch (error) {
      if (error instanceof DatabaseError && error.errno === NO_SUCH_SAVEPOINT)
        this.#transaction.mayHaveCommitted = true;
      else throw error;
    }
  }
  endReading(): void {
    this.closeIterators();
    if (!this.#transaction.leave()) this.rollback();
  }
  rest(): void {
    if (!this.#transaction.isLeft || !this.isOpen) return;
    try {
      this.#execution.endLeft();
    } catch {
      this.#link.conversation.close();
    }
  }
  savepoint(): void {
    this.#transaction.refuseLost();
    this.#say([...this.#transaction.opening, this.#transaction.savepoint()]);
    this.#transaction.opened();
  }
  release(): void {
    this.closeIterators();
    this.#transaction.refuseLost();
    this.#say([this.#transaction.release()]);
  }
  rollbackToSavepoint(): void {
    this.closeIterators();
    this.#transaction.refuseLost();
    this.#say(this.#transaction.rollbackToSavepoint());
  }

  /**
   * Statements of our own, all in one write; throws the first refusal. Where nothing depends on the answers they are not
   * waited for, and read before the next.
   */
  #say(texts: readonly string[], waits = true): void {
    const { conversation } = this.#link;
    this.#link.settle(undefined);
    const answers = texts.map((text) => {
      conversation.requests.query(text);
      return conversation.expect(new DoneAnswer());
    });
    this.#link.send(undefined);
    if (!waits) return;
    this.#link.settle(undefined);
    for (const { error } of answers) if (error !== undefined) throw toDatabaseError(error, undefined);
  }

  restrict(access: 'read' | 'write'): void {
    this.#execution.isRestricted = access === 'read' || this.#options.access === 'read';
  }
  toError(error: unknown): unknown {
    return toDatabaseError(error, undefined);
  }
  whenFree<T>(work: () => T): T {
    return work();
  }
  closeIterators(): void {
    this.#execution.closeCursors();
  }

  clean(): void {
    this.rollback();
    if (this.isClean || !this.isOpen) return;
    try {
      this.#reset();
      this.#execution.isMarked = false;
    } catch {
      // Nobody may have a session that is as a unit left it.
      this.#link.conversation.close();
    }
  }
  #reset(): void {
    const { conversation } = this.#link;
    const { database } = this.#options;
    this.#link.settle(undefined);
    this.#execution.statements.clear();
    conversation.requests.reset();
    this.#transaction.forgetLeft();
    const answers = [conversation.expect(new DoneAnswer())];
    if (database !== undefined) {
      conversation.requests.useDatabase(database);
      answers.push(conversation.expect(new DoneAnswer()));
    }
    const told = introduce(conversation, this.server.version);
    this.#link.send(undefined);
    this.#link.settle(undefined);
    for (const { error } of answers) if (error !== undefined) throw toDatabaseError(error, undefined);
    this.#link.server = told();
    for (const [sql, values] of this.#setup) this.#runSetup(sql, values);
  }

  close(): void {
    if (!this.isOpen) return;
    const { conversation } = this.#link;
    try {
      conversation.requests.quit();
      conversation.send();
      conversation.awaitEnd();
    } catch {
      // It is gone already.
    } finally {
      conversation.close();
    }
  }
}
