import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Cell } from '../../wire/cell.js';
import { type ErrorClasses, fromFault } from '../../wire/fault.js';
import type { Threads } from '../threads.js';

export interface ModuleThreadOptions {
  /** The module's URL. */
  readonly module: string;
  readonly threads: Threads;
  readonly classes: ErrorClasses;
  /** It could not be opened, since the module cannot be imported, or it has ended. Told once, and not after `end`. */
  readonly onOver: (reason: Error, why: 'failed' | 'lost') => void;
}

/** How long a thread may take until it begins to import. Milliseconds. */
const STARTING = 30_000;
/** How long what a thread has sent before its end may take to arrive. Milliseconds. */
const ARRIVING = 100;
/** How long the news of its end may take, once its port has closed. Milliseconds. */
const ENDING = 5_000;

let threads = 0;

/** A thread of Piscina's that has imported a module, from its start to its end. */
export class ModuleThread {
  readonly port: MessagePort;
  readonly cell = new Cell();
  readonly #id = ++threads;
  readonly #options: ModuleThreadOptions;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isPortClosed = false;
  isOpening = true;

  constructor(options: ModuleThreadOptions) {
    this.#options = options;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.port.once('close', () => this.#closed());
    this.#open(port2);
  }

  #open(port: MessagePort): void {
    const { threads, module, classes } = this.#options;
    // The import itself may take its time.
    this.#timer = setTimeout(() => {
      if (!this.isBlocked) this.#over(new Error(`it did not start within ${STARTING} ms`), 'lost');
    }, STARTING).unref();
    const task = { lane: this.#id, opening: { port, cell: this.cell.buffer, module } };
    threads.run(task, [port]).then(
      (fault) => {
        if (!this.#isPortClosed) clearTimeout(this.#timer);
        this.isOpening = false;
        if (fault !== undefined) this.#over(fromFault(fault, classes), 'failed');
        else threads.onEnd(this.#id, (reason) => this.#lost(reason));
      },
      (error) => this.#over(error, 'lost'),
    );
  }

  /** Whether it is inside of a call, or still imports. */
  get isBlocked(): boolean {
    return this.cell.current !== undefined;
  }

  /** A port that has closed keeps no process alive, and calls may wait: so a timer does, until it is known why. */
  #closed(): void {
    if (this.#isOver) return;
    this.#isPortClosed = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over(new Error('its port was closed'), 'lost'), ENDING);
  }

  /** What it has sent before is read first: its port closes behind that. */
  #lost(reason: unknown): void {
    if (this.#isOver) return;
    const over = () => this.#over(reason, 'lost');
    clearTimeout(this.#timer);
    if (this.#isPortClosed) return over();
    this.#timer = setTimeout(over, ARRIVING);
    this.port.once('close', over);
  }

  #over(reason: unknown, why: 'failed' | 'lost'): void {
    if (this.#isOver) return;
    void this.end();
    this.#options.onOver(reason instanceof Error ? reason : new Error(String(reason)), why);
  }

  /** Ends it now; resolves when it is gone, which takes as long as a native call that it is in. */
  end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.port.close();
    const { threads } = this.#options;
    return threads.terminate(this.#id).then(() => threads.release(this.#id));
  }
}
