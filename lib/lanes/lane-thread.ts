import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { PoolClosedError } from '../errors.js';
import type { Cell } from '../wire/cell.js';
import { type ErrorClasses, fromFault } from '../wire/fault.js';
import type { FromLane, LaneDatabase, LaneOpening, ReadyMessage, ToLane } from '../wire/message.js';
import type { Threads } from './threads.js';

/** What it is started with, before it is known where its database is at this moment. */
export type Opening = Omit<LaneOpening, 'port' | 'cell' | 'database'> & {
  readonly database: LaneDatabase | Promise<LaneDatabase>;
};
/** What it sends when it is open. */
export type Sent = Exclude<FromLane, { readonly kind: 'ready' | 'failed' }>;

/** Whom it tells what it hears. */
interface LaneThreadEvents {
  /** What it throws ends the thread. */
  readonly onMessage: (message: Sent) => void;
  readonly onLost: (error: unknown) => void;
}

/** The thread of a lane, from its opening to its end, and the messages to and fro. */
export class LaneThread {
  readonly #lane: number;
  readonly #threads: Threads;
  readonly #cell: Cell;
  readonly #classes: ErrorClasses;
  readonly #events: LaneThreadEvents;
  #port: MessagePort | undefined;
  #isTaskRunning = false;
  #isWokenEarly = false;
  #onOpened: { resolve: (ready: ReadyMessage) => void; reject: (error: unknown) => void } | undefined;
  #closing: Promise<void> | undefined;
  #onClosed: (() => void) | undefined;
  #isOver = false;
  /** It knows where its database is, and was started. */
  #isLocated = false;

  constructor(lane: number, threads: Threads, cell: Cell, classes: ErrorClasses, events: LaneThreadEvents) {
    this.#lane = lane;
    this.#threads = threads;
    this.#cell = cell;
    this.#classes = classes;
    this.#events = events;
  }

  get isOpening(): boolean {
    return this.#onOpened !== undefined;
  }
  /** It is open, and not about to be closed. */
  get isOpen(): boolean {
    return this.#closing === undefined && this.#port !== undefined && !this.#isOver && this.#onOpened === undefined;
  }

  /** Starts it; resolves when its connection is open and its units are known. */
  open({ database, ...opening }: Opening): Promise<ReadyMessage> {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromLane) => this.#receive(message));
    // What cannot be read cannot be answered either: better a lost lane than callers who wait for ever.
    port1.on('messageerror', (error) => this.#fail(error));
    // The running task keeps the process alive, and nothing else does: so an idle pool lets it end.
    port1.unref();
    const start = (found: LaneDatabase) => {
      if (this.#isOver) return port2.close();
      this.#isLocated = true;
      this.#run({ ...opening, database: found, port: port2, cell: this.#cell.buffer });
    };
    return new Promise((resolve, reject) => {
      this.#onOpened = { resolve, reject };
      if (database instanceof Promise) database.then(start, (error) => this.#neverStarted(error));
      else start(database);
    });
  }

  #neverStarted(error: unknown): void {
    this.#onOpened?.reject(error);
    this.#onOpened = undefined;
    this.#over();
  }

  #run(opening?: LaneOpening): void {
    this.#isTaskRunning = true;
    this.#threads.run({ lane: this.#lane, opening }, opening ? [opening.port] : []).then(
      (end) => {
        this.#isTaskRunning = false;
        if (end === 'closed') this.#over();
        else if (this.#isWokenEarly) this.#wake();
      },
      (error) => this.#lost(error),
    );
  }

  #wake(): void {
    this.#isWokenEarly = this.#isTaskRunning;
    if (!this.#isTaskRunning) this.#run();
  }

  post(message: ToLane): void {
    this.#port?.postMessage(message);
    this.ring();
  }
  /** Has it look at what changed in its cell. */
  ring(): void {
    if (!this.#cell.ring()) this.#wake();
  }

  #receive(message: FromLane): void {
    try {
      this.#understand(message);
    } catch (error) {
      this.#fail(error);
    }
  }
  #understand(message: FromLane): void {
    switch (message.kind) {
      case 'ready':
        this.#onOpened?.resolve(message);
        this.#onOpened = undefined;
        break;
      case 'failed':
        this.#onOpened?.reject(fromFault(message.fault, this.#classes));
        this.#onOpened = undefined;
        break;
      default:
        this.#events.onMessage(message);
    }
  }

  /** Closes its connection and frees its thread, behind what it has to do; resolves when that is done, or its thread is gone. */
  close(): Promise<void> {
    if (this.#isOver || this.#port === undefined) return Promise.resolve();
    if (!this.#isLocated) {
      this.#neverStarted(new PoolClosedError({ what: 'a lane that was opening' }));
      return Promise.resolve();
    }
    this.#closing ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      this.post({ kind: 'close' });
    });
    return this.#closing;
  }
  /** Ends its thread now, whatever it does in JavaScript. */
  terminate(): Promise<void> {
    return this.#threads.terminate(this.#lane);
  }
  /** It took too long to open. Inside of the driver its thread is left to finish, and closes then. */
  abandon(error: Error): void {
    if (!this.#isLocated) return this.#neverStarted(error);
    this.#onOpened?.reject(error);
    this.#onOpened = undefined;
    if (this.#cell.isInNativeCall) void this.close();
    else void this.terminate();
  }
  #fail(error: unknown): void {
    const gone = this.terminate();
    this.#lost(error);
    void gone;
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drain();
    this.#threads.release(this.#lane);
    this.#port?.close();
    this.#onClosed?.();
  }

  /** The end of the task may overtake what the lane has sent before: it is all here, and only not read yet. */
  #drain(): void {
    if (this.#port === undefined) return;
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      this.#receive(next.message as FromLane);
    }
  }

  #lost(error: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#onOpened?.reject(error);
    this.#onOpened = undefined;
    this.#events.onLost(error);
  }
}
