/** A module as people have them: plain, synchronous, and nothing in it knows of threads. */
import { threadId } from 'node:worker_threads';
import { Gate } from '../../lanes/gate.js';

export const VERSION = '1.2.3';
export const settings = { currency: 'EUR', rates: new Map([['USD', 1.1]]), since: new Date(0) };

export const add = (a: number, b: number): number => a + b;
export const same = <T>(value: T): T => value;
export const thread = (): number => threadId;
export const order: string[] = [];
export function note(text: string): number {
  return order.push(text);
}

export class TooMuch extends Error {
  override name = 'TooMuch';
  readonly code = 'TOO_MUCH';
  readonly amount: number;
  constructor(amount: number, options?: ErrorOptions) {
    super(`${amount} is too much`, options);
    this.amount = amount;
  }
}
export function fail(amount: number): never {
  throw new TooMuch(amount, { cause: new RangeError('over the limit') });
}
export const later = async (value: string): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return value;
};

const baskets: WeakRef<Basket>[] = [];
export class Basket {
  static made = 0;
  static of(...names: string[]): Basket {
    return names.reduce((basket, name) => basket.put(name), new Basket());
  }
  readonly #names: string[] = [];
  limit = 10;
  isOpen = true;
  constructor() {
    Basket.made++;
    baskets.push(new WeakRef(this));
  }
  put(name: string): this {
    if (this.#names.length >= this.limit) throw new TooMuch(this.#names.length + 1);
    this.#names.push(name);
    return this;
  }
  get size(): number {
    return this.#names.length;
  }
  names(): string[] {
    return [...this.#names];
  }
  take(other: Basket): number {
    for (const name of other.names()) this.put(name);
    return this.size;
  }
  [Symbol.dispose](): void {
    this.isOpen = false;
    closed.push(this.#names.join('+'));
  }
}
export const closed: string[] = [];

/** A factory of a function. */
export const counter = (start = 0) => {
  let count = start;
  return (by = 1) => (count += by);
};
/** A factory of an object, some of whose methods use `this`. */
export const openTill = () => ({
  cash: 0,
  baskets: { first: new Basket() },
  pay(amount: number) {
    this.cash += amount;
    return this.cash;
  },
});
export const pair = () => ({
  left: new Basket(),
  right: [new Basket()],
  count: 2,
  map: new Map([['one', new Basket()]]),
});

export function* countTo(last: number) {
  try {
    for (let i = 1; i <= last; i++) yield { i };
  } finally {
    closed.push('countTo');
  }
}

export function each(count: number, tell: (done: number) => void): number {
  for (let i = 1; i <= count; i++) tell(i);
  return count;
}
export async function sum(count: number, ask: (i: number) => number | Promise<number>): Promise<number> {
  let total = 0;
  for (let i = 1; i <= count; i++) total += await ask(i);
  return total;
}
export const oddity = () => ({ when: Promise.resolve() });

class Price {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
  toString(): string {
    return `${this.amount} EUR`;
  }
  get isFree(): boolean {
    return this.amount === 0;
  }
}
export const price = (amount: number): Price => new Price(amount);
export const useTeller = async (teller: { tell(text: string): unknown }, text: string): Promise<unknown> =>
  await teller.tell(text);
export const sizeOf = (basket: Basket): number => basket.size;
export function passLater(gate: SharedArrayBuffer, milliseconds: number): void {
  setTimeout(() => new Gate(gate).pass(), milliseconds);
}

/** Baskets that were made and are not freed, as far as the collector has seen; needs --expose-gc. */
export async function living(): Promise<number> {
  await collect();
  return baskets.filter((basket) => basket.deref() !== undefined).length;
}
export async function collect(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
