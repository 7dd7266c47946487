import { DatabaseError, showSql } from '../../errors.js';
import { DoneAnswer, IN_TRANSACTION, ResultAnswer } from './answer.js';
import { Cursor } from './cursor.js';
import type { Link } from './link.js';
import { isFarewell, toDatabaseError, withoutAnswer } from './mysql-error.js';
import type { SqlTraits } from './sql-traits.js';
import type { MysqlStatement, StatementHome } from './statement.js';
import { Statements } from './statements.js';
import type { Transaction } from './transaction.js';

/** How much of an answer that nobody wants is still read before it is stopped; then stopping is cheaper. Bytes. */
const WORTH_READING = 4 << 20;
const DEADLOCK = 1213;
/** The server does not know the prepared statement, or not any longer. */
const FORGOTTEN: ReadonlySet<number> = new Set([1243, 1615]);

/** Runs statements, each in its place in the transaction. */
export class Execution implements StatementHome {
  readonly statements: Statements;
  readonly maxRows: number;
  /** Only reads are let through. */
  isRestricted = false;
  /** Something ran that may have left its mark on the server's session. */
  isMarked = false;
  readonly #link: Link;
  readonly #transaction: Transaction;
  readonly #cursors = new Set<Cursor>();
  /** The answer to BEGIN, which comes with that of the statement behind it. */
  #opening: DoneAnswer | undefined;

  constructor(link: Link, transaction: Transaction, maxRows: number) {
    this.#link = link;
    this.#transaction = transaction;
    this.maxRows = maxRows;
    this.statements = new Statements(link, this);
    const forget = () => {
      for (const cursor of this.#cursors) cursor.drop();
      this.#cursors.clear();
      this.#opening = undefined;
    };
    link.conversation.afterClosing = () => {
      transaction.lose();
      forget();
    };
    link.afterGivingUp = forget;
    // Stopped at BEGIN, what follows would run outside of the transaction.
    link.mayInterrupt = () => this.#opening === undefined || this.#opening.isDone;
  }

  prepare(sql: string): MysqlStatement {
    const known = this.statements.find(sql);
    if (known !== undefined) return known;
    this.#link.check();
    return this.statements.make(sql);
  }

  run(statement: MysqlStatement, parameters: readonly unknown[], most: number): ResultAnswer {
    const { log } = this.#link;
    if (log === undefined) return this.#run(statement, parameters, most);
    // Who has given up by now asks nothing.
    this.#link.check();
    const query = log.begin(statement.sql, parameters.length);
    try {
      const answer = this.#run(statement, parameters, most);
      log.end(query, answer.hasRows ? answer.rows : { changes: Number(answer.changes) });
      return answer;
    } catch (error) {
      log.fail(query, error);
      throw error;
    }
  }
  #run(statement: MysqlStatement, parameters: readonly unknown[], most: number): ResultAnswer {
    const answer = this.#start(statement, parameters);
    while (!answer.isDone) {
      this.#receiveUnlessDone(statement, answer);
      if (answer.rows.length <= most) continue;
      const { rows } = answer;
      this.#abandon(answer);
      answer.rows = rows;
      return answer;
    }
    this.#link.conversation.reuse();
    this.#finish(answer, statement);
    return answer;
  }

  open(statement: MysqlStatement, parameters: readonly unknown[]): Cursor {
    const { log } = this.#link;
    if (log === undefined) return this.#open(statement, parameters);
    this.#link.check();
    const query = log.begin(statement.sql, parameters.length);
    try {
      const cursor = this.#open(statement, parameters);
      cursor.noted = (next) => log.during(query, next);
      return cursor;
    } catch (error) {
      log.fail(query, error);
      throw error;
    }
  }

  openByColumn(statement: MysqlStatement, parameters: readonly unknown[]): Cursor {
    return this.#open(statement, parameters, true);
  }

  #open(statement: MysqlStatement, parameters: readonly unknown[], isByColumn = false): Cursor {
    const answer = this.#start(statement, parameters);
    answer.isByColumn = isByColumn;
    const cursor = new Cursor(answer, {
      receive: () => {
        this.#receive(statement);
        statement.known = answer.columns;
      },
      finish: () => {
        this.#cursors.delete(cursor);
        statement.known = answer.columns;
        this.#finish(answer, statement);
      },
      abandon: () => {
        this.#cursors.delete(cursor);
        this.#abandon(answer);
      },
    });
    this.#cursors.add(cursor);
    return cursor;
  }

  closeCursors(): void {
    for (const cursor of this.#cursors) cursor.close();
  }

  /** Sends a statement, behind what has to be said before it. */
  #start(statement: MysqlStatement, parameters: readonly unknown[]): ResultAnswer {
    const { sql, traits } = statement;
    const { conversation } = this.#link;
    this.#link.check();
    this.refuse(traits, sql);
    // What is still being read of other statements is read to its end, before this one is answered.
    this.#link.settle(sql);
    if (!statement.isReadyFor(parameters)) this.statements.prepare(statement, parameters);
    const { requests } = conversation;
    const opening = traits.compounds ? this.#transaction.guardedOpening : this.#transaction.opening;
    for (const control of opening) requests.query(control);
    try {
      this.write(statement, parameters);
    } catch (error) {
      requests.clear();
      throw error;
    }
    for (let i = 0; i < opening.length; i++) this.#opening = conversation.expect(new DoneAnswer());
    this.#transaction.opened();
    const answer = conversation.expect(new ResultAnswer(statement.known, statement.isText));
    if (!traits.reads) this.#transaction.hasWritten = true;
    this.#link.send(sql);
    return answer;
  }

  /** Ends the transaction that was left open for as long as that harmed nobody. */
  endLeft(): void {
    if (!this.#transaction.isLeft) return;
    this.#transaction.forgetLeft();
    const { conversation } = this.#link;
    conversation.requests.query('rollback');
    this.#opening = conversation.expect(new DoneAnswer());
    this.#link.send(undefined);
  }

  /** Throws where the statement may not run now. */
  refuse({ reads }: SqlTraits, sql: string): void {
    this.#link.conversation.refuseClosed();
    this.#transaction.refuseLost();
    if (reads || !this.isRestricted) return;
    const message = `This connection may only read.\n  in: ${showSql(sql)}`;
    throw new DatabaseError(message, { code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', kind: 'read-only', sql });
  }

  /** Writes the request for a statement; throws, and writes nothing, where its values cannot be bound. */
  write(statement: MysqlStatement, parameters: readonly unknown[]): void {
    const { id, sql, isText, parameterCount, traits } = statement;
    const { requests } = this.#link.conversation;
    if (parameters.length !== parameterCount) throw countError(statement, parameters.length);
    const before = requests.length;
    try {
      if (isText) requests.query(sql);
      else requests.execute(id as number, parameters, sql);
      this.statements.refuseLong(requests.length - before, sql);
    } catch (error) {
      requests.length = before;
      throw error;
    }
    if (traits.marks) this.isMarked = true;
  }

  /** One that was over before it could be stopped has committed itself, outside of a transaction: that is what there is to tell. */
  #receiveUnlessDone(statement: MysqlStatement, answer: ResultAnswer): void {
    try {
      this.#receive(statement);
    } catch (reason) {
      const isDone = this.#link.isOpen && answer.isDone && answer.error === undefined;
      // Reads are stopped without an error now and then, and answer with what they had.
      if (!isDone || this.#transaction.state !== 'none' || statement.traits.reads) throw reason;
    }
  }
  #receive({ sql, traits }: MysqlStatement): void {
    const isItsOwn = this.#transaction.state === 'none';
    try {
      this.#link.receive(sql);
    } catch (error) {
      // It may have been done before the answer was lost, and was its own transaction.
      throw traits.commits || (isItsOwn && !traits.reads) ? withoutAnswer(error) : error;
    }
  }

  /** After the answer: whether it was a refusal, and what has become of the transaction. */
  #finish({ error, status }: ResultAnswer, statement: MysqlStatement): void {
    const { traits, sql } = statement;
    const transaction = this.#transaction;
    const refusal = this.#opening?.error;
    this.#opening = undefined;
    if (refusal !== undefined) {
      // What came behind it ran outside of a transaction, unless the server refused it too.
      transaction.lose(error === undefined && transaction.hasWritten);
      throw toDatabaseError(refusal, sql);
    }
    if (transaction.state === 'open') {
      const hasEnded = error === undefined ? (status & IN_TRANSACTION) === 0 : traits.commits;
      if (error?.errno === DEADLOCK) transaction.lose();
      else if (hasEnded && traits.commits) transaction.beginAgain();
      else if (hasEnded) transaction.lose(true);
    }
    if (error === undefined) return;
    if (FORGOTTEN.has(error.errno as number)) this.statements.close(statement);
    if (isFarewell(error)) this.#link.conversation.close();
    throw toDatabaseError(error, sql);
  }

  /** Does without the rest of an answer. */
  #abandon(answer: ResultAnswer): void {
    const { conversation } = this.#link;
    answer.forget();
    const most = conversation.received + WORTH_READING;
    while (!answer.isDone && conversation.received < most) {
      const { received } = conversation;
      this.#link.receive(undefined);
      // It is still being made: that can take as long as it wants.
      if (conversation.received === received) break;
    }
    if (!answer.isDone && !this.#link.interrupt()) conversation.close();
    this.#opening = undefined;
  }
}

const countError = ({ sql, parameterCount }: MysqlStatement, given: number): DatabaseError =>
  new DatabaseError(
    `The statement has ${parameterCount} ${parameterCount === 1 ? 'parameter' : 'parameters'} and was given ${given}.\n  in: ${showSql(sql)}`,
    { code: 'ER_WRONG_ARGUMENTS', kind: 'syntax', sql },
  );
