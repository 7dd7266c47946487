import { DatabaseError, TooManyRowsError } from '../../errors.js';
import type { Read, Rows } from '../connection.js';
import { DoneAnswer, ResultAnswer } from './answer.js';
import type { Execution } from './execution.js';
import type { Link } from './link.js';
import { toDatabaseError } from './mysql-error.js';
import type { MysqlStatement } from './statement.js';

/** Requests that are not answered yet: with more both sides might block, each in a write. Bytes. */
const MOST_UNREAD = 16 << 10;
/** See `Execution`: how much of too many rows is still read. Bytes. */
const WORTH_READING = 4 << 20;
const INTERRUPTED = 1317;

interface Sent {
  readonly index: number;
  readonly statement: MysqlStatement;
  readonly answer: ResultAnswer;
}

/** Reads that are on their way together: they share a round trip, and each fails alone. */
export class Pipeline {
  readonly #link: Link;
  readonly #execution: Execution;
  readonly #reads: readonly Read[];
  readonly #results: (Rows | Error)[];
  readonly #begins: (index: number) => void;
  /** A KILL was sent, which may hit what comes behind the statement it was meant for. */
  #hasStopped = false;

  constructor(link: Link, execution: Execution, reads: readonly Read[], begins: (index: number) => void) {
    this.#link = link;
    this.#execution = execution;
    this.#reads = reads;
    this.#results = new Array(reads.length);
    this.#begins = begins;
  }

  run(): readonly (Rows | Error)[] {
    this.#link.settle(undefined);
    this.#execution.endLeft();
    for (let next = 0; next < this.#reads.length; ) {
      const sent: Sent[] = [];
      next = this.#write(next, sent);
      this.#read(sent);
    }
    return this.#results;
  }

  /** Writes as many requests as may be on their way, and says with which to go on. */
  #write(from: number, sent: Sent[]): number {
    const { conversation } = this.#link;
    let next = from;
    for (; next < this.#reads.length && conversation.requests.length < MOST_UNREAD; next++) {
      const { sql, parameters } = this.#reads[next] as Read;
      try {
        const statement = this.#prepared(sql, parameters, sent);
        if (statement === undefined) break;
        this.#execution.write(statement, parameters);
        const answer = conversation.expect(new ResultAnswer(statement.known, statement.isText));
        sent.push({ index: next, statement, answer });
      } catch (error) {
        this.#results[next] = error as Error;
      }
    }
    try {
      this.#link.send(undefined);
    } catch (error) {
      for (const { index } of sent) this.#results[index] = error as Error;
      sent.length = 0;
    }
    return next;
  }

  /** To prepare is to wait for an answer: what was written before is sent and read first. */
  #prepared(sql: string, parameters: readonly unknown[], sent: readonly Sent[]): MysqlStatement | undefined {
    const { statements } = this.#execution;
    const known = statements.find(sql);
    if (known === undefined && sent.length > 0) return undefined;
    const statement = known ?? statements.make(sql);
    if (!statement.isReadyFor(parameters)) {
      if (sent.length > 0) return undefined;
      statements.prepare(statement, parameters);
    }
    this.#execution.refuse(statement.traits, sql);
    return statement;
  }

  #read(sent: readonly Sent[]): void {
    this.#hasStopped = false;
    for (const each of sent) {
      this.#begins(each.index);
      this.#results[each.index] = this.#outcome(() => this.#readOne(each));
    }
    if (!this.#link.isOpen) return;
    if (this.#hasStopped) this.#runAgain(sent);
    this.#link.conversation.reuse();
  }

  /** What was stopped in the place of another. */
  #runAgain(sent: readonly Sent[]): void {
    this.#outcome(() => this.#link.ask((requests) => requests.query('do 0'), new DoneAnswer(), undefined));
    for (const { index, statement, answer } of sent) {
      const result = this.#results[index];
      if (answer.error?.errno !== INTERRUPTED || !(result instanceof DatabaseError)) continue;
      this.#begins(index);
      const { parameters } = this.#reads[index] as Read;
      const { maxRows } = this.#execution;
      this.#results[index] = this.#outcome(() => {
        const again = this.#execution.run(statement, parameters, maxRows);
        if (again.rows.length > maxRows) throw new TooManyRowsError({ maxRows, sql: statement.sql });
        return rowsOf(again);
      });
    }
  }

  #outcome<T>(work: () => T): T | Error {
    try {
      return work();
    } catch (error) {
      return error as Error;
    }
  }

  #readOne({ statement, answer }: Sent): Rows {
    const { conversation } = this.#link;
    const { sql } = statement;
    const { maxRows } = this.#execution;
    let isTooMuch = false;
    let from = 0;
    while (!answer.isDone) {
      try {
        conversation.receive();
      } catch (reason) {
        if (this.#link.isOpen) this.#stop(answer);
        throw reason;
      }
      if (!isTooMuch && answer.rows.length > maxRows) {
        isTooMuch = true;
        from = conversation.received;
        answer.forget();
      }
      if (isTooMuch && conversation.received - from > WORTH_READING && !answer.isDone) this.#stop(answer);
    }
    if (isTooMuch || answer.rows.length > maxRows) throw new TooManyRowsError({ maxRows, sql });
    if (answer.error !== undefined) throw toDatabaseError(answer.error, sql);
    statement.known = answer.columns;
    return rowsOf(answer);
  }

  /** Ends the statement that runs; those behind it go on. */
  #stop(answer: ResultAnswer): void {
    this.#hasStopped = true;
    try {
      if (!this.#link.stop()) throw new Error('the server could not be asked to stop');
      answer.forget();
      this.#link.drain(answer);
    } catch {
      this.#link.conversation.close();
    }
  }
}

const rowsOf = ({ columns, rows }: ResultAnswer): Rows => ({ columns: columns.names, rows });
