import { DatabaseError } from '../../errors.js';
import type { Log, Watch } from '../connection.js';
import { DoneAnswer, type PreparedAnswer, type ResultAnswer } from './answer.js';
import { connect, type Target } from './connect.js';
import type { Conversation } from './conversation.js';
import { kill } from './kill.js';
import type { Requests } from './request.js';
import type { Server } from './server.js';

/** How long an interrupted statement may take to say so. Milliseconds. */
const DRAINING = 1_500;

/** The way to the server, which notices while it waits that nobody else does, and stops the server then. */
export class Link {
  readonly conversation: Conversation;
  readonly streamKind: 'socket' | 'relay';
  server: Server;
  /** Asked where the caller has given up: whether the statement may be interrupted alone, and the session kept. */
  mayInterrupt: () => boolean = () => true;
  /** What was still being read is not there any longer. */
  afterGivingUp: () => void = () => {};
  readonly #target: Target;
  readonly #watch: Watch | undefined;

  constructor(target: Target, connectTimeout: number, watch: Watch | undefined) {
    this.#target = target;
    this.#watch = watch;
    const { conversation, server, streamKind } = connect(target, connectTimeout, watch);
    this.conversation = conversation;
    this.server = server;
    this.streamKind = streamKind;
    conversation.pause = () => this.check();
  }

  /** Where statements are written down, if anybody wants to know. */
  get log(): Log | undefined {
    return this.#watch?.log;
  }
  get isOpen(): boolean {
    return this.conversation.isOpen;
  }
  /** Throws where the caller has given up. */
  check(): void {
    this.#watch?.check();
  }

  /** Sends what was written; the text is the statement's, for an error. */
  send(sql: string | undefined): void {
    try {
      this.conversation.send();
    } catch (error) {
      throw explain(error, sql);
    }
  }
  receive(sql: string | undefined): void {
    try {
      this.conversation.receive();
    } catch (error) {
      if (this.isOpen) this.#giveUp();
      throw explain(error, sql);
    }
  }
  /** Reads whatever is still to come. */
  settle(sql: string | undefined): void {
    const { conversation } = this;
    while (conversation.outstanding > 0) this.receive(sql);
    conversation.reuse();
  }
  /** One request and its whole answer. */
  ask<A extends PreparedAnswer | ResultAnswer>(
    write: (requests: Requests) => void,
    answer: A,
    sql: string | undefined,
  ): A {
    write(this.conversation.requests);
    this.conversation.expect(answer);
    this.send(sql);
    this.settle(sql);
    return answer;
  }

  /** Nobody waits for the answer any longer: the server is stopped, and the session made ready for what comes next. */
  #giveUp(): void {
    if (!this.mayInterrupt()) kill(this.#target, this.server, 'connection');
    else if (this.interrupt()) return this.afterGivingUp();
    this.conversation.close();
    this.afterGivingUp();
  }

  /** Stops the statement that runs, and reads everything to its end; whether the session can be used as before. */
  interrupt(): boolean {
    const { conversation } = this;
    if (!this.stop()) return false;
    try {
      this.#within(DRAINING, () => {
        // Where the statement was over before, the next one is hit: this one.
        conversation.requests.query('do 0');
        conversation.expect(new DoneAnswer());
        conversation.send();
        conversation.settle();
      });
      return true;
    } catch {
      return false;
    }
  }
  /** KILL QUERY: it hits what runs now, or the next statement where nothing does. */
  stop(): boolean {
    return kill(this.#target, this.server, 'query');
  }
  /** Reads an answer that was stopped. */
  drain(answer: ResultAnswer): void {
    this.#within(DRAINING, () => {
      while (!answer.isDone) this.conversation.receive();
    });
  }

  #within(milliseconds: number, work: () => void): void {
    const { conversation } = this;
    const { pause } = conversation;
    const until = performance.now() + milliseconds;
    conversation.pause = () => {
      if (performance.now() >= until) throw new Error('the server did not stop in time');
    };
    try {
      work();
    } finally {
      conversation.pause = pause;
    }
  }
}

/** Which statement it was that lost the connection. */
function explain(error: unknown, sql: string | undefined): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'connection' || error.sql !== undefined) return error;
  return Object.assign(error, { sql });
}
