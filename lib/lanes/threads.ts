import type { MessagePort, Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { GraphOpened, GraphTask, LaneEnd, LaneTask, ThreadNeeds } from '../wire/message.js';
import { atMost } from './at-most.js';

export interface ThreadOptions {
  /** What they load before their first task. Those of a wrapped module have an event loop that turns between tasks too. */
  readonly needs: ThreadNeeds | 'a module';
  /** How many lanes there are, and so threads from the start. */
  readonly lanes: number;
  /** How many more there may be, for lanes whose threads cannot be ended. */
  readonly substitutes: number;
  readonly execArgv: string[] | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly resourceLimits: import('node:worker_threads').ResourceLimits | undefined;
}

/** The worker threads, started, counted and replaced by Piscina. A lane keeps its thread from its first task to its last. */
export class Threads {
  readonly #piscina: Piscina;
  readonly #threadOf = new Map<number, number>();
  /** Those that there are from the start have loaded what they need, or are gone. */
  readonly #loaded: Promise<unknown>;

  constructor({ needs, lanes, substitutes, execArgv, env, resourceLimits }: ThreadOptions) {
    const areLanes = needs !== 'a module';
    this.#piscina = new Piscina({
      filename: new URL(`../../workers/${areLanes ? 'thread' : 'wrap-thread'}.cjs`, import.meta.url).href,
      atomics: areLanes ? 'sync' : 'disabled',
      workerData: needs,
      minThreads: lanes,
      maxThreads: lanes + substitutes,
      // The default would end healthy threads as soon as a substitute has been started.
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: 1,
      // What was opened on a thread is closed with it: the files of a wrapped module, the sockets of a lane.
      trackUnmanagedFds: true,
      recordTiming: false,
      loadBalancer: (task, workers) => {
        const { lane } = (task as unknown as Record<symbol, { lane: number }>)[Piscina.queueOptionsSymbol] as {
          lane: number;
        };
        // A busy thread is as good: the task waits there for the one that is ending.
        const own = workers.find(({ id }) => id === this.#threadOf.get(lane));
        if (own !== undefined) return own;
        const taken = new Set(this.#threadOf.values());
        const free = workers.find(({ id }) => !taken.has(id)) ?? null;
        // One whose thread died between two tasks comes to a stranger, which turns it away: so the lane hears of it.
        if (free !== null && !this.#threadOf.has(lane)) this.#threadOf.set(lane, free.id);
        return free;
      },
      ...(execArgv && { execArgv }),
      ...(env && { env: env as Record<string, string> }),
      ...(resourceLimits && { resourceLimits }),
    });
    // A thread that dies between two tasks: its lane hears of it at the next one. Without a listener it would be an uncaught error.
    this.#piscina.on('error', () => {});
    this.#loaded = Promise.all(this.#piscina.threads.map(isLoaded));
  }

  /** Runs a lane's task on its thread. Rejects when the thread has died. */
  run(task: LaneTask, transfer: readonly MessagePort[]): Promise<LaneEnd>;
  run(task: GraphTask, transfer: readonly MessagePort[]): Promise<GraphOpened>;
  run(task: LaneTask | GraphTask, transfer: readonly MessagePort[]): Promise<unknown> {
    const addressed = { ...task, [Piscina.queueOptionsSymbol]: { lane: task.lane } };
    return this.#piscina.run(addressed, { transferList: [...transfer] });
  }
  /** Tells when a lane's thread ends, and why; for one on which no task runs that could tell. */
  onEnd(lane: number, tell: (reason: unknown) => void): void {
    const thread = this.#piscina.threads.find(({ threadId }) => threadId === this.#threadOf.get(lane));
    if (thread === undefined) return tell(new Error('its thread ended at once'));
    let reason: unknown;
    thread.once('error', (error) => (reason = error));
    thread.once('exit', (code) => tell(reason ?? new Error(`worker exited with code: ${code}`)));
  }
  /** Ends a lane's thread; resolves when it is gone. Piscina's own signal would answer before that, with its lock still held. */
  async terminate(lane: number): Promise<void> {
    await this.#piscina.threads.find(({ threadId }) => threadId === this.#threadOf.get(lane))?.terminate();
  }
  /** The lane is over: its thread is free for another, or gone. */
  release(lane: number): void {
    this.#threadOf.delete(lane);
  }
  get count(): number {
    return this.#piscina.threads.length;
  }
  /** Ends all threads. Does not wait for one that is inside a native call longer than that call takes. */
  async destroy(): Promise<void> {
    // One that is ended while it imports leaves the file open that it reads.
    await atMost(LOADING, this.#loaded);
    return this.#piscina.destroy();
  }
}

/** How long they may take for that. Milliseconds. */
const LOADING = 5_000;

/** The first thing that Piscina hears of a thread is that it has imported its module. */
const isLoaded = (thread: Worker): Promise<unknown> =>
  new Promise((resolve) => thread.once('message', resolve).once('exit', resolve));
