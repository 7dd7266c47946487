import type { RawTable } from '../../wire/answer.js';
import type { RawRow } from '../connection.js';
import type { ResultAnswer } from './answer.js';

/** What becomes of an answer that is read bit by bit. */
interface Reader {
  /** Blocks until more of it has come. */
  receive(): void;
  /** It was read to its end; throws where that is a refusal. */
  finish(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

/** An answer that is read bit by bit. */
export class Cursor {
  readonly #answer: ResultAnswer;
  readonly #reader: Reader;
  /** At the end, or given up. */
  isClosed = false;
  /** Where it is written down what is read of it. */
  noted: ((next: () => RawRow[]) => RawRow[]) | undefined;

  constructor(answer: ResultAnswer, reader: Reader) {
    this.#answer = answer;
    this.#reader = reader;
  }

  /** The rows that have come since; none at the end. Blocks until there are some. */
  next(): RawRow[] {
    return this.noted === undefined ? this.#next() : this.noted(() => this.#next());
  }
  #next(): RawRow[] {
    return this.#take(() => this.#answer.takeRows()) ?? [];
  }
  /** Of a cursor that was opened by column: the next rows that fill a message; undefined at the end. */
  nextTable(): RawTable | undefined {
    return this.#take(() => this.#answer.takeTable());
  }
  /** At the end: those that do not. */
  takeRestOfTables(): readonly RawTable[] {
    return this.#answer.takeRestOfTables();
  }

  /** Blocks until there is something to take, or an end of it. */
  #take<T>(take: () => T | undefined): T | undefined {
    while (!this.isClosed) {
      const taken = take();
      if (taken !== undefined) return taken;
      if (!this.#answer.isDone) this.#reader.receive();
      else {
        this.isClosed = true;
        this.#reader.finish();
      }
    }
    return undefined;
  }

  /** Does without the rest. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#reader.abandon();
  }

  /** There is nothing left to close. */
  drop(): void {
    this.isClosed = true;
  }
}
