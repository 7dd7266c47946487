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
    return this.#hasMore() ? this.#answer.takeRows() : [];
  }
  /** The same, of a cursor that was opened by column. */
  nextTable(): RawTable | undefined {
    return this.#hasMore() ? this.#answer.takeTable() : undefined;
  }

  /** Blocks until there are some, or there is an end of it. */
  #hasMore(): boolean {
    const answer = this.#answer;
    while (!this.isClosed && answer.count === 0 && !answer.isDone) this.#reader.receive();
    if (this.isClosed) return false;
    if (answer.count > 0) return true;
    this.isClosed = true;
    this.#reader.finish();
    return false;
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
