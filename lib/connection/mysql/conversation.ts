import type { Answer } from './answer.js';
import type { ByteStream } from './byte-stream.js';
import type { Packet } from './driver.js';
import { connectionError } from './mysql-error.js';
import { Requests } from './request.js';

/**
 * Requests out and answers in, on a connection that has logged in. The server answers in the order in which it was asked,
 * so that several requests may be on their way.
 */
export class Conversation {
  readonly requests = new Requests();
  isOpen = true;
  /** Bytes, in all. */
  received = 0;
  /** What the server said last when it closed the connection unasked. */
  #farewell: Error | undefined;
  readonly #stream: ByteStream;
  readonly #parse: (bytes: Buffer) => void;
  /** Called while there is more to come or to be sent, at least once in a slice; throws where nobody wants to wait any longer. */
  pause: () => void;
  /** However it came to that. */
  afterClosing: () => void = () => {};
  readonly #expected: Answer[] = [];

  constructor(stream: ByteStream, parse: (bytes: Buffer) => void, pause: () => void) {
    this.#stream = stream;
    this.#parse = parse;
    this.pause = pause;
  }

  /** How many answers are still to come. */
  get outstanding(): number {
    return this.#expected.length;
  }

  /** The request that was written last is answered so. */
  expect<A extends Answer>(answer: A): A {
    this.#expected.push(answer);
    return answer;
  }

  /** Sends what was written. */
  send(): void {
    const { requests } = this;
    const { bytes, length } = requests;
    try {
      this.refuseClosed();
      for (let from = 0; from < length; ) {
        const sent = this.#attempt(() => this.#stream.write(bytes, from, length));
        from += sent;
        if (from < length) this.#pauseWhileSending();
      }
    } finally {
      requests.clear();
    }
  }

  /** Half of a request is with the server, which waits for the rest: nothing else can be said on this connection. */
  #pauseWhileSending(): void {
    try {
      this.pause();
    } catch (reason) {
      this.close();
      throw reason;
    }
  }

  /** Blocks until something came, for one slice at most where nobody is asked. */
  receive(mayPause = true): void {
    this.refuseClosed();
    const first = this.#expected[0];
    const bytes = this.#attempt(() => this.#stream.read());
    this.received += bytes?.length ?? 0;
    if (bytes === undefined) {
      if (mayPause) this.pause();
    } else if (bytes.length === 0) this.#lose(new Error('the server closed the connection'));
    else {
      this.#attempt(() => this.#parse(bytes));
      // A long answer may come without ever letting us wait.
      if (mayPause && this.#expected[0] === first) this.pause();
    }
  }

  /** Blocks until all is answered. */
  settle(): void {
    while (this.#expected.length > 0) this.receive();
    this.reuse();
  }
  /** Nothing is needed any longer of what was read so far. */
  reuse(): void {
    if (this.#expected.length === 0) this.#stream.reuse();
  }

  take(packet: Packet): void {
    const answer = this.#expected[0];
    if (answer === undefined) {
      if (packet.buffer[packet.offset] === 0xff) this.#farewell = packet.asError('utf8');
      else throw new Error('the server answered what it was not asked');
    } else if (answer.take(packet)) this.#expected.shift();
  }

  /** Whether the server has hung up, or said something unasked, which it only does before it hangs up. */
  hasEnded(): boolean {
    if (!this.isOpen) return true;
    while (this.#stream.hasInput()) {
      if (this.#expected.length === 0) return true;
      this.receive(false);
    }
    return false;
  }

  /** After the farewell: the server forgets the session, and hangs up when it has; it is not waited for much longer. */
  awaitEnd(): void {
    for (let slices = 0; slices < 2; ) {
      const bytes = this.#stream.read();
      if (bytes?.length === 0) return;
      if (bytes === undefined) slices++;
    }
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#expected.length = 0;
    this.#stream.close();
    this.afterClosing();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      return this.#lose(error);
    }
  }
  #lose(cause: unknown): never {
    this.close();
    throw connectionError('The connection to the server was lost', this.#farewell ?? cause, undefined);
  }
  refuseClosed(): void {
    if (!this.isOpen)
      throw connectionError('The connection is closed', this.#farewell ?? new Error('it was lost before'), undefined);
  }
}
