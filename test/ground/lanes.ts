import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { Cell } from './lane.js';

type Options = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

/** Pools made by a test, and all that they told; `destroy` ends them after it. */
export class Lanes {
  readonly #pools: Piscina[] = [];
  readonly errors: Error[] = [];
  created = 0;
  destroyed = 0;

  open(options: Options = {}): Piscina {
    const filename = new URL('./lane.js', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, idleTimeout: Infinity, ...options });
    pool.on('error', (error: Error) => this.errors.push(error));
    pool.on('workerCreate', () => this.created++);
    pool.on('workerDestroy', () => this.destroyed++);
    this.#pools.push(pool);
    return pool;
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}

/** Waits for a condition, and gives up after a great many looks at it. */
export async function until(condition: () => boolean): Promise<void> {
  for (let looks = 0; !condition(); looks++) {
    if (looks === 5_000) throw new Error(`never came true: ${condition}`);
    await sleep(1);
  }
}

/** Waits until so many tasks block, or spin, on the cell. */
export function blocked(cell: Cell, count = 1): Promise<void> {
  return until(() => Atomics.load(cell, 1) === count);
}

/** Gives whatever is on its way between the threads ample turns to arrive. */
export function calm(): Promise<void> {
  return sleep(150);
}

/** What became of a promise, without throwing. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

/** Whether a promise is still open when all is calm. */
export async function stillOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settled = () => {
    open = false;
  };
  promise.then(settled, settled);
  await calm();
  return open;
}
