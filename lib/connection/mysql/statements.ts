import { DatabaseError, showSql } from '../../errors.js';
import { transactionControlError } from '../../plan/transaction-control.js';
import { PreparedAnswer } from './answer.js';
import { kindOf } from './handle.js';
import type { Link } from './link.js';
import { toDatabaseError } from './mysql-error.js';
import { traitsOf } from './sql-traits.js';
import { MysqlStatement, type StatementHome } from './statement.js';

const MAX_STATEMENTS = 500;
/** The most that one statement is prepared, for kinds of values that change from time to time. */
const MOST_HANDLES = 8;
const UNSUPPORTED = 1295;
const TOO_MANY = 1461;

/** The prepared statements of a session: those that were used last. */
export class Statements {
  readonly #bySql = new Map<string, MysqlStatement>();
  readonly #link: Link;
  readonly #home: StatementHome;

  constructor(link: Link, home: StatementHome) {
    this.#link = link;
    this.#home = home;
  }

  /** One that is known; undefined where it has to be prepared first. */
  find(sql: string): MysqlStatement | undefined {
    const known = this.#bySql.get(sql);
    // To the end of the line, so that what is used is not what is closed first.
    if (known !== undefined && this.#bySql.size > MAX_STATEMENTS / 2) {
      this.#bySql.delete(sql);
      this.#bySql.set(sql, known);
    }
    return known;
  }

  make(sql: string): MysqlStatement {
    const traits = traitsOf(sql);
    if (traits.controls) throw transactionControlError(sql);
    const statement = new MysqlStatement(sql, traits, this.#home);
    try {
      this.prepare(statement);
    } catch (error) {
      const { log } = this.#link;
      log?.fail(log.begin(sql, 0), error);
      throw error;
    }
    if (this.#bySql.size >= MAX_STATEMENTS) this.#forgetOldest();
    this.#bySql.set(sql, statement);
    return statement;
  }

  /** Where it is not prepared for such values, or not any longer. */
  prepare(statement: MysqlStatement, values: readonly unknown[] = []): void {
    const { sql } = statement;
    this.refuseLong(Buffer.byteLength(sql), sql);
    // What can only read does not even prepare what would write.
    this.#home.endLeft();
    let answer = this.#ask(sql);
    if (answer.error?.errno === TOO_MANY && this.#bySql.size > 0) {
      while (this.#bySql.size > 0) this.#forgetOldest();
      answer = this.#ask(sql);
    }
    const { error, id, parameterCount, columns } = answer;
    statement.isText = error?.errno === UNSUPPORTED;
    if (statement.isText) return;
    if (error !== undefined) throw toDatabaseError(error, sql);
    Object.assign(statement, { parameterCount, known: columns });
    if (statement.count >= MOST_HANDLES) this.close(statement);
    statement.prepared({ id, kinds: this.#link.server.isMariaDb ? undefined : values.map(kindOf) });
  }
  #ask(sql: string): PreparedAnswer {
    return this.#link.ask((requests) => requests.prepare(sql), new PreparedAnswer(), sql);
  }

  #forgetOldest(): void {
    const [sql, oldest] = this.#bySql.entries().next().value as [string, MysqlStatement];
    this.#bySql.delete(sql);
    this.close(oldest);
  }
  /** Has the server forget it, in all its kinds of values. */
  close(statement: MysqlStatement): void {
    const handles = statement.forget();
    if (handles.length === 0) return;
    for (const { id } of handles) this.#link.conversation.requests.closeStatement(id);
    this.#link.send(undefined);
  }

  /** The server has closed them all. */
  clear(): void {
    for (const statement of this.#bySql.values()) statement.forget();
    this.#bySql.clear();
  }

  /** The server would answer that it is too long, and close the connection. */
  refuseLong(length: number, sql: string): void {
    const { maxPacket } = this.#link.server;
    if (length <= maxPacket) return;
    throw new DatabaseError(
      `The statement and its values take ${length} bytes, and the server no more than max_allowed_packet = ${maxPacket}.\n  in: ${showSql(sql)}`,
      { code: 'ER_NET_PACKET_TOO_LARGE', kind: 'too-large', errno: 1153, sqlState: '08S01', sql },
    );
  }
}
