import { DatabaseError, TransactionControlError, TransactionLostError } from '../../errors.js';
import { queryBuilders } from '../../plan/dialect.js';
import type { Connection, Isolation } from '../connection.js';
import { DoneAnswer, IN_TRANSACTION, PreparedAnswer, ResultAnswer } from './answer.js';
import type { MysqlWatch } from './byte-stream.js';
import { connect, type Target } from './connect.js';
import type { Conversation } from './conversation.js';
import { hasGeneratedKeys } from './keys.js';
import { kill } from './kill.js';
import { connectionError, toDatabaseError } from './mysql-error.js';
import { type RawConnection, toRawResult } from './raw.js';
import { introduce, type Server } from './server.js';
import { type SqlTraits, traitsOf } from './sql-traits.js';
import { type Cursor, MysqlStatement, type StatementHome } from './statement.js';
import { Transaction } from './transaction.js';

const MAX_STATEMENTS = 500;
/** How much of an answer that nobody wants is still read before it is stopped; then stopping is cheaper. Bytes. */
const WORTH_READING = 4 << 20;
/** How long an interrupted statement may take to say so. Milliseconds. */
const DRAINING = 2_000;
const UNSUPPORTED = 1295;
const DEADLOCK = 1213;
const TOO_MANY_STATEMENTS = 1461;

export interface MysqlOptions extends Target {
  /** Milliseconds, over the whole handshake. */
  readonly connectTimeout: number;
  /** More rows than this are an error. */
  readonly maxRows: number;
  /** `read` on a replica. */
  readonly access: 'read' | 'write';
  /** Who watches from another thread. */
  readonly watch?: MysqlWatch;
}

/** Connects to a MySQL or MariaDB server. */
export function openMysql(options: MysqlOptions): MysqlConnection {
  return new MysqlConnection(options);
}

export class MysqlConnection implements Connection {
  readonly dialect = 'mysql';
  readonly builder = queryBuilders.mysql;
  readonly streamKind: 'socket' | 'relay';
  readonly raw: RawConnection;
  readonly #options: MysqlOptions;
  readonly #home: StatementHome;
  readonly #conversation: Conversation;
  #server: Server;
  readonly #statements = new Map<string, MysqlStatement>();
  readonly #transaction = new Transaction();
  /** Answers that are read bit by bit. */
  readonly #cursors = new Set<MysqlCursor>();
  #isRestricted: boolean;
  #isMarked = false;

  constructor(options: MysqlOptions) {
    this.#options = options;
    this.#isRestricted = options.access === 'read';
    const { conversation, server, streamKind } = connect(options, options.connectTimeout, options.watch);
    this.#conversation = conversation;
    this.#server = server;
    this.streamKind = streamKind;
    conversation.pause = () => this.#options.watch?.check();
    this.#home = {
      maxRows: options.maxRows,
      run: (statement, parameters, most) => this.#run(statement, parameters, most),
      open: (statement, parameters) => this.#open(statement, parameters),
    };
    this.raw = {
      query: (sql, values) => toRawResult(this.#runRaw(sql, values)),
      execute: (sql, values) => toRawResult(this.#runRaw(sql, values)),
    };
  }

  get server(): Server {
    return this.#server;
  }
  get isOpen(): boolean {
    return this.#conversation.isOpen;
  }
  get inTransaction(): boolean {
    return this.#transaction.isActive;
  }
  get mayHaveCommitted(): boolean {
    return this.#transaction.mayHaveCommitted;
  }
  get isClean(): boolean {
    return !this.#isMarked;
  }
  isFit(): boolean {
    try {
      return !this.#conversation.hasEnded();
    } catch {
      return false;
    }
  }
  lend(): RawConnection {
    this.#isMarked = true;
    this.#transaction.hasWritten = true;
    return this.raw;
  }

  prepare(sql: string): MysqlStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      // To the end of the line, so that what is used is not what is closed first.
      if (this.#statements.size > MAX_STATEMENTS / 2) {
        this.#statements.delete(sql);
        this.#statements.set(sql, known);
      }
      return known;
    }
    const traits = traitsOf(sql);
    if (traits.controls) throw new TransactionControlError({ sql: sql.length > 60 ? `${sql.slice(0, 57)}…` : sql });
    return this.#remember(new MysqlStatement(sql, traits, this.#home));
  }

  #remember(statement: MysqlStatement): MysqlStatement {
    this.#prepareNow(statement);
    if (this.#statements.size >= MAX_STATEMENTS) this.#forgetOldest();
    this.#statements.set(statement.sql, statement);
    return statement;
  }

  #forgetOldest(): void {
    const [sql, oldest] = this.#statements.entries().next().value as [string, MysqlStatement];
    this.#statements.delete(sql);
    if (oldest.id === undefined) return;
    this.#conversation.requests.closeStatement(oldest.id);
    this.#conversation.send();
    oldest.id = undefined;
  }

  #prepareNow(statement: MysqlStatement): void {
    const { sql } = statement;
    this.#beforeRequest(statement.traits, sql);
    this.#refuseLong(Buffer.byteLength(sql), sql);
    let answer = this.#ask((requests) => requests.prepare(sql), new PreparedAnswer(), sql);
    if (answer.error?.errno === TOO_MANY_STATEMENTS && this.#statements.size > 0) {
      while (this.#statements.size > 0) this.#forgetOldest();
      answer = this.#ask((requests) => requests.prepare(sql), new PreparedAnswer(), sql);
    }
    const { error } = answer;
    if (error?.errno === UNSUPPORTED) {
      statement.isText = true;
      return;
    }
    if (error !== undefined) throw toDatabaseError(error, sql);
    statement.id = answer.id;
    statement.parameterCount = answer.parameterCount;
    statement.known = answer.columns;
  }

  #run(statement: MysqlStatement, parameters: readonly unknown[], most: number): ResultAnswer {
    const answer = this.#start(statement, parameters);
    while (!answer.isDone) {
      this.#receive(statement.sql);
      if (answer.rows.length > most) {
        const { rows } = answer;
        this.#abandon(answer);
        answer.rows = rows;
        return answer;
      }
    }
    this.#conversation.settle();
    this.#finish(answer, statement.traits, statement.sql);
    return answer;
  }

  #open(statement: MysqlStatement, parameters: readonly unknown[]): Cursor {
    const answer = this.#start(statement, parameters);
    const cursor = new MysqlCursor(answer, {
      receive: () => this.#receive(statement.sql),
      finish: () => {
        this.#cursors.delete(cursor);
        statement.known = answer.columns;
        this.#finish(answer, statement.traits, statement.sql);
      },
      abandon: () => {
        this.#cursors.delete(cursor);
        this.#abandon(answer);
      },
    });
    this.#cursors.add(cursor);
    return cursor;
  }

  /** Sends a statement, behind what has to be said before it. */
  #start(statement: MysqlStatement, parameters: readonly unknown[]): ResultAnswer {
    const { sql, traits } = statement;
    const conversation = this.#conversation;
    this.#beforeRequest(traits, sql);
    if (statement.id === undefined && !statement.isText) this.#prepareNow(statement);
    if (parameters.length !== statement.parameterCount) throw countError(statement, parameters.length);
    const { requests } = conversation;
    const { opening } = this.#transaction;
    for (const control of opening) requests.query(control);
    const before = requests.length;
    try {
      if (statement.isText) requests.query(sql);
      else requests.execute(statement.id as number, parameters, sql);
      this.#refuseLong(requests.length - before, sql);
    } catch (error) {
      requests.clear();
      throw error;
    }
    for (let i = 0; i < opening.length; i++) this.#expectOpening();
    const answer = conversation.expect(new ResultAnswer(statement.known, statement.isText));
    this.#mark(traits);
    this.#send(sql);
    return answer;
  }

  /** The answer to BEGIN comes with that of the statement behind it, which the server ran in any case. */
  #expectOpening(): void {
    this.#transaction.opened();
    this.#opening = this.#conversation.expect(new DoneAnswer());
  }
  #opening: DoneAnswer | undefined;

  #mark({ reads, marks }: SqlTraits): void {
    if (marks) this.#isMarked = true;
    if (!reads) this.#transaction.hasWritten = true;
  }

  #beforeRequest({ reads }: SqlTraits, sql: string): void {
    this.#options.watch?.check();
    if (this.#transaction.state === 'lost') throw this.#lost();
    if (!reads && this.#isRestricted) {
      const message = `This connection only reads (restricted).\n  in: ${sql}`;
      throw new DatabaseError(message, { code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', kind: 'read-only', sql });
    }
    // What is still being read of other statements is read to its end, before this one is answered.
    if (this.#conversation.outstanding > 0) this.#settle(sql);
  }

  #lost(cause?: unknown): Error {
    const outcome = this.mayHaveCommitted ? 'unknown' : 'not-committed';
    return new TransactionLostError({ what: 'The unit' }, { outcome, ...(cause !== undefined && { cause }) });
  }

  /** It would answer that it is too long, and close the connection. */
  #refuseLong(length: number, sql: string): void {
    const { maxPacket } = this.#server;
    if (length <= maxPacket) return;
    const shown = sql.length > 200 ? `${sql.slice(0, 197)}…` : sql;
    throw new DatabaseError(
      `The statement and its values take ${length} bytes, and the server no more than max_allowed_packet = ${maxPacket}.\n  in: ${shown}`,
      { code: 'ER_NET_PACKET_TOO_LARGE', kind: 'too-large', errno: 1153, sqlState: '08S01', sql },
    );
  }

  /** After the answer: whether it was a refusal, and what has become of the transaction. */
  #finish(answer: ResultAnswer, { commits }: SqlTraits, sql: string): void {
    const transaction = this.#transaction;
    const opening = this.#opening?.error;
    this.#opening = undefined;
    const { error } = answer;
    if (opening !== undefined) {
      // What came behind it ran outside of a transaction, unless the server refused it too.
      if (error === undefined) transaction.mayHaveCommitted = transaction.hasWritten;
      transaction.lose();
      throw toDatabaseError(opening, sql);
    }
    if (transaction.state === 'open') {
      const hasEnded = error === undefined ? (answer.status & IN_TRANSACTION) === 0 : commits;
      if (error?.errno === DEADLOCK) transaction.lose();
      else if (hasEnded && commits) transaction.beginAgain();
      else if (hasEnded) {
        transaction.mayHaveCommitted = true;
        transaction.lose();
      }
    }
    if (error !== undefined) throw toDatabaseError(error, sql);
  }

  #send(sql: string | undefined): void {
    try {
      this.#conversation.send();
    } catch (error) {
      throw this.#explain(error, sql);
    }
  }
  #receive(sql: string | undefined): void {
    try {
      this.#conversation.receive();
    } catch (error) {
      if (this.#conversation.isOpen) this.#giveUp();
      throw this.#explain(error, sql);
    }
  }
  #settle(sql: string | undefined): void {
    while (this.#conversation.outstanding > 0) this.#receive(sql);
    this.#conversation.settle();
  }
  /** Which statement it was that lost the connection. */
  #explain(error: unknown, sql: string | undefined): unknown {
    if (!(error instanceof DatabaseError) || error.kind !== 'connection') return error;
    this.#transaction.lose();
    return sql === undefined ? error : connectionError(error.message, error.cause, sql);
  }

  /** One request and its whole answer. */
  #ask<A extends PreparedAnswer | ResultAnswer>(
    write: (requests: Conversation['requests']) => void,
    answer: A,
    sql: string | undefined,
  ): A {
    write(this.#conversation.requests);
    this.#conversation.expect(answer);
    this.#send(sql);
    this.#settle(sql);
    return answer;
  }

  /** Nobody waits for the answer any longer: the server is stopped, and the connection made ready for what comes next. */
  #giveUp(): void {
    const conversation = this.#conversation;
    // Stopped at BEGIN, what follows would run outside of the transaction.
    const isOpening = this.#transaction.state === 'open' && this.#opening !== undefined && !this.#opening.isDone;
    if (isOpening || !this.#interrupt()) {
      kill(this.#options, this.#server, 'connection');
      conversation.close();
    }
    for (const cursor of this.#cursors) cursor.drop();
    this.#cursors.clear();
  }

  /** KILL QUERY, and its traces read away; whether the connection can be used as before. */
  #interrupt(): boolean {
    const conversation = this.#conversation;
    const { pause } = conversation;
    if (!kill(this.#options, this.#server, 'query')) return false;
    const until = performance.now() + DRAINING;
    conversation.pause = () => {
      if (performance.now() >= until) throw new Error('the server did not stop in time');
    };
    try {
      // Where the statement was over before, the next one is hit: this one.
      conversation.requests.query('do 0');
      conversation.expect(new DoneAnswer());
      conversation.send();
      conversation.settle();
      return true;
    } catch {
      return false;
    } finally {
      conversation.pause = pause;
    }
  }

  /** Does without the rest of an answer. */
  #abandon(answer: ResultAnswer): void {
    answer.forget();
    const from = this.#conversation.received;
    while (!answer.isDone) {
      this.#receive(undefined);
      if (this.#conversation.received - from > WORTH_READING && !answer.isDone) {
        if (!this.#interrupt()) this.#conversation.close();
        break;
      }
    }
    this.#opening = undefined;
  }

  makesConsecutiveKeys(table: string, column: string): boolean {
    const key = `${table}.${column}`;
    let makes = this.#keys.get(key);
    if (makes === undefined) this.#keys.set(key, (makes = hasGeneratedKeys(this, table, column)));
    return makes;
  }
  readonly #keys = new Map<string, boolean>();

  begin(access: 'read' | 'write', isolation?: Isolation): void {
    this.#transaction.begin(access, isolation);
  }

  commit(): void {
    this.closeIterators();
    const transaction = this.#transaction;
    const { state, hasWritten } = transaction;
    if (state === 'lost') throw this.#lost();
    transaction.end();
    if (state !== 'open') return;
    if (hasWritten) this.#control('commit');
    else this.#controlLater('commit');
  }

  rollback(): void {
    const { state, hasWritten } = this.#transaction;
    try {
      this.closeIterators();
      this.#transaction.end();
      if (state !== 'open' || !this.isOpen) return;
      if (hasWritten) this.#control('rollback');
      else this.#controlLater('rollback');
    } catch {
      // The error that led here is the one to tell. What cannot be rolled back is rolled back by the server, when we are gone.
      this.#conversation.close();
    } finally {
      this.#transaction.end();
    }
  }

  savepoint(): void {
    if (this.#transaction.state === 'lost') throw this.#lost();
    this.#control(this.#transaction.savepoint());
  }
  release(): void {
    this.closeIterators();
    if (this.#transaction.state === 'lost') throw this.#lost();
    this.#control(this.#transaction.release());
  }
  rollbackToSavepoint(): void {
    this.closeIterators();
    if (this.#transaction.state === 'lost') throw this.#lost();
    this.#control(...this.#transaction.rollbackToSavepoint());
  }

  /** Statements of our own, all in one write; throws the first refusal. */
  #control(...texts: readonly string[]): void {
    const answers = this.#say(texts);
    this.#settle(undefined);
    for (const { error } of answers) if (error !== undefined) throw toDatabaseError(error, undefined);
  }
  /** The same where the answer says nothing that matters: it is read before the next. */
  #controlLater(text: string): void {
    this.#say([text]);
  }
  #say(texts: readonly string[]): DoneAnswer[] {
    if (this.#conversation.outstanding > 0) this.#settle(undefined);
    const { opening } = this.#transaction;
    const answers = [...opening, ...texts].map((text) => {
      this.#conversation.requests.query(text);
      return this.#conversation.expect(new DoneAnswer());
    });
    this.#transaction.opened();
    this.#send(undefined);
    return answers;
  }

  restrict(access: 'read' | 'write'): void {
    this.#isRestricted = access === 'read' || this.#options.access === 'read';
  }
  toError(error: unknown): unknown {
    return toDatabaseError(error, undefined);
  }
  whenFree<T>(work: () => T): T {
    return work();
  }
  closeIterators(): void {
    for (const cursor of this.#cursors) cursor.close();
  }

  clean(): void {
    this.rollback();
    if (!this.#isMarked || !this.isOpen) return;
    try {
      this.#reset();
      this.#isMarked = false;
    } catch {
      // Of a session that is as a unit left it nobody may have the connection.
      this.#conversation.close();
    }
  }

  #reset(): void {
    const conversation = this.#conversation;
    this.#settle(undefined);
    for (const statement of this.#statements.values()) statement.id = undefined;
    this.#statements.clear();
    conversation.requests.reset();
    const reset = conversation.expect(new DoneAnswer());
    const { database } = this.#options;
    if (database !== undefined) conversation.requests.useDatabase(database);
    const used = database === undefined ? undefined : conversation.expect(new DoneAnswer());
    const told = introduce(conversation, this.#server.version);
    this.#send(undefined);
    this.#settle(undefined);
    const error = reset.error ?? used?.error;
    if (error !== undefined) throw toDatabaseError(error, undefined);
    this.#server = told();
  }

  #runRaw(sql: string, values: readonly unknown[] = []): ResultAnswer {
    const traits = traitsOf(sql);
    const statement = traits.controls ? new MysqlStatement(sql, traits, this.#home) : this.prepare(sql);
    statement.isText ||= traits.controls;
    return this.#run(statement, values, Number.POSITIVE_INFINITY);
  }

  close(): void {
    if (!this.isOpen) return;
    try {
      this.#conversation.requests.quit();
      this.#conversation.send();
      this.#conversation.awaitEnd();
    } catch {
      // It is gone already.
    } finally {
      this.#conversation.close();
    }
  }
}

const countError = ({ sql, parameterCount }: MysqlStatement, given: number): DatabaseError =>
  new DatabaseError(
    `The statement has ${parameterCount} ${parameterCount === 1 ? 'parameter' : 'parameters'} and was given ${given}.\n  in: ${sql}`,
    { code: 'ER_WRONG_ARGUMENTS', kind: 'syntax', sql },
  );

interface CursorHome {
  receive(): void;
  finish(): void;
  abandon(): void;
}

class MysqlCursor implements Cursor {
  readonly #answer: ResultAnswer;
  readonly #home: CursorHome;
  #isClosed = false;

  constructor(answer: ResultAnswer, home: CursorHome) {
    this.#answer = answer;
    this.#home = home;
  }

  next(): ResultAnswer['rows'] {
    const answer = this.#answer;
    while (!this.#isClosed && answer.rows.length === 0 && !answer.isDone) this.#home.receive();
    if (this.#isClosed) return [];
    if (answer.rows.length === 0) {
      this.#isClosed = true;
      this.#home.finish();
    }
    const { rows } = answer;
    answer.rows = [];
    return rows;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#home.abandon();
  }

  /** There is nothing left to close. */
  drop(): void {
    this.#isClosed = true;
  }
}
