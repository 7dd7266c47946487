import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createPool, proxy } from 'offthread';
import { UnknownCustomer } from './unknown-customer.js';

/** What the program asks of the shop, in whatever way that is built. */
export interface Shop extends AsyncDisposable {
  page(id: number): Promise<unknown>;
  buy(customerId: number, day: string): Promise<number>;
  importFile(path: string, onProgress: (done: number) => void): Promise<unknown>;
}

/** As it was: every call on the main thread. */
export async function blocking(): Promise<Shop> {
  const dao = await import('./dao.js');
  return {
    page: async (id) => dao.customerPage(id),
    buy: async (customerId, day) => new dao.Cart(customerId).add('tea', 350).add('milk', 120).buy(day),
    importFile: async (path, onProgress) => dao.importFile(path, onProgress),
    [Symbol.asyncDispose]: async () => dao.close(),
  };
}

/** The same module, unchanged, on threads of its own. */
export async function wrapped(lanes: number): Promise<Shop> {
  const pool = await createPool({ errors: [UnknownCustomer] });
  const dao = pool.wrap<typeof import('./dao.js')>(new URL('./dao.js', import.meta.url), { lanes });
  return {
    page: (id) => dao.customerPage(id),
    buy: async (customerId, day) => {
      await using cart = await new dao.Cart(customerId);
      await cart.add('tea', 350);
      await cart.add('milk', 120);
      return await cart.buy(day);
    },
    importFile: (path, onProgress) => dao.importFile(path, proxy(onProgress)),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

const CHUNK = 500;

/** The module rewritten as units. */
export async function units(file: string): Promise<Shop> {
  const pool = await createPool<typeof import('./units.js')>({
    database: `sqlite:${file}`,
    units: new URL('./units.js', import.meta.url),
    errors: [UnknownCustomer],
  });
  return {
    page: (id) => pool.units.customerPage(id),
    buy: (customerId, day) => {
      const lines = [
        { article: 'tea', cents: 350 },
        { article: 'milk', cents: 120 },
      ];
      return pool.units.buy({ customerId, day, lines });
    },
    importFile: async (path, onProgress) => {
      let done = 0;
      let chunk: string[] = [];
      const flush = async () => {
        await pool.units.importLines(chunk);
        onProgress((done += chunk.length));
        chunk = [];
      };
      for await (const line of createInterface(createReadStream(path))) {
        if (chunk.push(line) === CHUNK) await flush();
      }
      if (chunk.length > 0) await flush();
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
