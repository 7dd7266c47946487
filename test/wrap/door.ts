import { createPool, type ModulePoolOptions, type Pool, type WrapOptions, type Wrapped } from 'offthread';
import { Scratch } from '../scratch.js';

interface Modules {
  shop: typeof import('./modules/shop.js');
  dao: typeof import('./modules/dao.js');
  hazards: typeof import('./modules/hazards.js');
}

/** A pool without a database, for one test, and a folder. */
export class Door implements AsyncDisposable {
  readonly scratch: Scratch;
  readonly pool: Pool;

  constructor(scratch: Scratch, pool: Pool) {
    this.scratch = scratch;
    this.pool = pool;
  }

  static async open(options: ModulePoolOptions = {}): Promise<Door> {
    const scratch = new Scratch();
    const env = { ...process.env, DAO_FILE: scratch.file('dao.db') };
    return new Door(scratch, await createPool({ env, ...options }));
  }

  wrap<N extends keyof Modules>(name: N, options?: WrapOptions): Wrapped<Modules[N]> {
    return this.pool.wrap<Modules[N]>(new URL(`./modules/${name}.js`, import.meta.url), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.destroy();
    this.scratch.remove();
  }
}
