import { fileURLToPath } from 'node:url';
import { preloadSqliteOf } from '../../connection/sqlite-driver.js';
import { PoolClosedError, QueueFullError } from '../../errors.js';
import type { ErrorClasses } from '../../wire/fault.js';
import { faceOf, placeOf } from '../../wire/remote/face.js';
import { type Deed, describe, MODULE } from '../../wire/remote/request.js';
import { atMost } from '../at-most.js';
import { joinStack } from '../stack.js';
import { type ThreadOptions, Threads } from '../threads.js';
import { Graph } from './graph.js';
import type { WrapSettings } from './wrap-options.js';

export interface WrappedModuleOptions {
  readonly url: string;
  /** What it is called in errors: the name of its file. */
  readonly name: string;
  readonly lanes: number;
  readonly maxQueue: number;
  readonly classes: ErrorClasses;
  readonly threads: Pick<ThreadOptions, 'execArgv' | 'env' | 'resourceLimits'>;
  readonly onSettled: (isFulfilled: boolean) => void;
}

/** How many threads more there may be at a time, for those that are inside a native call whose time was over. */
const SUBSTITUTES = 4;
/** How long a module's own `close` may take when the pool is destroyed, and its threads to end. Milliseconds. */
const PARTING = 500;
const LONGEST_PARTING = 3_000;

/** A module that is wrapped: on as many threads as it has lanes, each started when it is needed. */
export class WrappedModule {
  readonly #options: WrappedModuleOptions;
  readonly #graphs: (Graph | undefined)[];
  #threads: Threads | undefined;
  #next = 0;
  #isClosed = false;
  /** Threads that ended by themselves, or were stuck. */
  lost = 0;

  constructor(options: WrappedModuleOptions) {
    this.#options = options;
    this.#graphs = new Array(options.lanes).fill(undefined);
  }

  get name(): string {
    return this.#options.name;
  }
  get lanes(): number {
    return this.#options.lanes;
  }
  get graphs(): Graph[] {
    return this.#graphs.filter((graph) => graph !== undefined);
  }

  /** What its exports are called by; calls are made with these options. */
  face(settings: WrapSettings): object {
    return faceOf({
      home: this,
      id: MODULE,
      name: this.name,
      isIterator: false,
      isCallback: false,
      ask: (deed, path, args) => this.#ask(settings, deed, path, args),
    });
  }

  #ask(settings: WrapSettings, deed: Deed, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const { name: owner, maxQueue } = this.#options;
    try {
      if (this.#isClosed) throw new PoolClosedError({ what: describe(deed, path, owner) });
      const graph = this.#choose(args);
      if (graph.load >= maxQueue)
        throw new QueueFullError({ maxQueue, waiting: graph.waiting, running: graph.load - graph.waiting, lanes: 1 });
      return graph.ask({ deed, id: MODULE, path, args, owner }, settings);
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }

  /** Where an argument comes from, else the one with the least to do, in turn. */
  #choose(args: readonly unknown[]): Graph {
    if (this.#graphs.length > 1) {
      const homes = args.map((arg) => (typeof arg === 'function' ? placeOf(arg)?.origin.home : undefined));
      const home = this.graphs.find(({ exchange }) => homes.includes(exchange));
      if (home !== undefined) return home;
    }
    let best = this.#next % this.lanes;
    for (let i = 1; i < this.lanes; i++) {
      const lane = (this.#next + i) % this.lanes;
      if ((this.#graphs[lane]?.backlog ?? 0) < (this.#graphs[best]?.backlog ?? 0)) best = lane;
    }
    this.#next = best + 1;
    return this.#graphs[best] ?? this.#open(best);
  }

  #open(lane: number): Graph {
    const { url, name, lanes, classes, threads, onSettled } = this.#options;
    if (this.#threads === undefined) {
      preloadSqliteOf(fileURLToPath(url));
      this.#threads = new Threads({ ...threads, needs: 'a module', lanes, substitutes: SUBSTITUTES });
    }
    const graph = new Graph({
      module: url,
      name,
      threads: this.#threads,
      classes,
      home: this,
      onSettled,
      onIdle: (graph) => this.#share(graph),
      onOver: (isLost) => {
        this.#graphs[lane] = undefined;
        if (isLost) this.lost++;
      },
    });
    this.#graphs[lane] = graph;
    return graph;
  }

  /** One that has nothing to do takes over what waits behind others. */
  #share(idle: Graph): void {
    if (this.lanes === 1) return;
    const others = this.graphs.filter((graph) => graph !== idle).sort((a, b) => b.backlog - a.backlog);
    for (const other of others) {
      const call = other.giveAway();
      if (call !== undefined) return idle.adopt(call);
    }
  }

  /** Takes no more calls. */
  refuse(): void {
    this.#isClosed = true;
  }

  /** Runs the module's `close` on each thread, for so many milliseconds at most; rejects with what that throws. */
  async close(limit: number): Promise<void> {
    const closed = await Promise.allSettled(this.graphs.map((graph) => graph.close(limit)));
    const failed = closed.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Rejects every call that is left. */
  cut(): void {
    for (const graph of this.graphs) graph.cut();
  }

  /** Ends its threads; `close` is run only where that can be done at once. */
  async end(): Promise<void> {
    const ended = this.graphs.map((graph) => (graph.isBlocked ? graph.end() : graph.close(PARTING).catch(() => {})));
    const gone = Promise.all(ended).then(() => this.#threads?.destroy());
    // A thread that is inside of a native call ends when that returns.
    await atMost(LONGEST_PARTING, gone);
  }
}
