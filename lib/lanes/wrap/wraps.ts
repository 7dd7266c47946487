import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionError, PoolClosedError, WrappedModuleError } from '../../errors.js';
import { locateModule, readModule } from '../../plan/module-file.js';
import type { WrapOptions } from '../../plan/wrapped.js';
import type { Settings } from '../options.js';
import type { LaneStats } from '../pool-stats.js';
import type { Graph } from './graph.js';
import { readWrapOptions } from './wrap-options.js';
import { WrappedModule } from './wrapped-module.js';

/** How long the `close` of a module may take when the pool is closed. Milliseconds. */
const CLOSING = 10_000;
const WAY_OUT = "Pass the file of the module: pool.wrap(new URL('./dao.js', import.meta.url)).";

type WrapsOptions = Pick<Settings, 'maxQueue' | 'classes' | 'execArgv' | 'env' | 'resourceLimits'>;

/** The wrapped modules of a pool, by their URLs: a module that is wrapped again is the same one. */
export class Wraps {
  readonly #options: WrapsOptions;
  readonly #modules = new Map<string, WrappedModule>();
  #isClosed = false;
  #unsettled: (() => void)[] = [];
  readonly counts = { fulfilled: 0, rejected: 0 };

  constructor(options: WrapsOptions) {
    this.#options = options;
  }

  wrap(module: unknown, given?: WrapOptions): object {
    const { lanes, ...settings } = readWrapOptions(given);
    const asked = readModule('module', module, './dao.js');
    const execArgv = this.#options.execArgv ?? process.execArgv;
    const fail = (why: ConstructorParameters<typeof WrappedModuleError>[0]) => new WrappedModuleError(why);
    const url = locateModule(asked, { wayOut: WAY_OUT, execArgv, fail });
    if (this.#isClosed) throw new PoolClosedError({ what: `wrap(${basename(fileURLToPath(url))})` });
    const known = this.#modules.get(url);
    if (known !== undefined && lanes !== undefined && lanes !== known.lanes)
      throw optionError(
        'range',
        'lanes',
        lanes,
        `${known.lanes}, or left out: ${known.name} has been wrapped so before`,
      );
    return (known ?? this.#add(url, lanes ?? 1)).face(settings);
  }

  #add(url: string, lanes: number): WrappedModule {
    const { maxQueue, classes, execArgv, env, resourceLimits } = this.#options;
    const module = new WrappedModule({
      url,
      name: basename(fileURLToPath(url)),
      lanes,
      maxQueue,
      classes,
      threads: { execArgv, env, resourceLimits },
      onSettled: (isFulfilled) => {
        this.counts[isFulfilled ? 'fulfilled' : 'rejected']++;
        if (this.#unsettled.length > 0 && this.load === 0) for (const resolve of this.#unsettled.splice(0)) resolve();
      },
    });
    this.#modules.set(url, module);
    return module;
  }

  #graphs(): Graph[] {
    return [...this.#modules.values()].flatMap(({ graphs }) => graphs);
  }
  /** One for each thread that a module is on. */
  lanes(): LaneStats[] {
    return [...this.#modules.values()].flatMap(({ name, graphs }) =>
      graphs.map(
        ({ id, state, load, served }): LaneStats => ({ id, role: 'wrapped', state, calls: load, served, module: name }),
      ),
    );
  }
  /** How many calls are not answered. */
  get load(): number {
    return this.#graphs().reduce((sum, { load }) => sum + load, 0);
  }
  /** How many of them are not begun. */
  get waiting(): number {
    return this.#graphs().reduce((sum, { waiting }) => sum + waiting, 0);
  }
  /** How many threads ended by themselves, or were stuck. */
  get lost(): number {
    return [...this.#modules.values()].reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Takes no more calls. */
  refuse(): void {
    this.#isClosed = true;
    for (const module of this.#modules.values()) module.refuse();
  }
  /** Resolves when every call has been settled. */
  drained(): Promise<void> {
    if (this.load === 0) return Promise.resolve();
    return new Promise((resolve) => this.#unsettled.push(resolve));
  }
  /** Runs each module's `close`; rejects with what one of them throws, when all are done. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled([...this.#modules.values()].map((module) => module.close(CLOSING)));
    const failed = closed.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  /** Gives up every call that is left. */
  cut(): void {
    for (const module of this.#modules.values()) module.cut();
  }
  async end(): Promise<void> {
    await Promise.all([...this.#modules.values()].map((module) => module.end()));
  }
}
