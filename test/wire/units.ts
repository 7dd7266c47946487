import { read, type Session, write } from 'offthread/orm';

/** Answers with what it was given. */
export const echo = read((_session: Session, value: unknown) => value);
/** Tells what it was given, as the worker sees it. */
export const look = read((_session: Session, value: unknown) => ({
  tag: Object.prototype.toString.call(value),
  isBuffer: Buffer.isBuffer(value),
  prototype: (Object.getPrototypeOf(value)?.constructor as { name?: string } | undefined)?.name,
  keys: typeof value === 'object' && value !== null ? Object.keys(value) : [],
}));
export const length = read((_session: Session, ...args: unknown[]) => args.length);

class Money {
  readonly amount: number;
  readonly #secret = 'a private field';
  constructor(amount: number) {
    this.amount = amount;
  }
  get double(): number {
    return this.amount * 2 + this.#secret.length * 0;
  }
  toJSON(): never {
    throw new Error('JSON has no part in this');
  }
}
export const money = read((_session: Session) => ({ price: new Money(5), prices: new Map([['tea', new Money(3)]]) }));

/** Results that cannot cross, by name. */
const hostile: Record<string, () => unknown> = {
  function: () => () => 1,
  method: () => ({ page: { title: 'x', render() {} } }),
  symbol: () => ({ kind: Symbol('kind') }),
  promise: () => ({ name: Promise.resolve('x') }),
  url: () => [new URL('https://example.org')],
  weakMap: () => new Map([['cache', new WeakMap()]]),
  mapKey: () => new Map([[() => 1, 1]]),
  mapOfObjects: () => new Map([[Object.create(null), () => 1]]),
  set: () => new Set([1, () => 1]),
  generator: () => ({ rows: [1][Symbol.iterator]() }),
  detached: () => {
    const buffer = new ArrayBuffer(8);
    structuredClone(buffer, { transfer: [buffer] });
    return { deep: [{ buffer }] };
  },
  errorCause: () => ({ failed: new Error('x', { cause: () => 1 }) }),
  getter: () => ({
    get broken(): never {
      throw new RangeError('a getter threw');
    },
  }),
};
export const hostileResult = read((_session: Session, name: string) => hostile[name]?.());
export const harmlessKeys = read((_session: Session) => new Map([[Object.create(null), 1]]));

export const bytes = read((_session: Session) => {
  const buffer = Buffer.from('same');
  return { first: buffer, again: [buffer], plain: Uint8Array.of(1), map: new Map([['b', Buffer.from('other')]]) };
});

/** Something nested so many levels deep; each has a marker. */
export const nest = read((_session: Session, levels: number) => nested(levels));
export function nested(levels: number): object {
  let value: object = { end: true };
  for (let i = 0; i < levels; i++) value = { inner: value };
  return value;
}
export const remember = write((_session: Session, value: { list: unknown[] }) => {
  value.list.push('changed on the worker');
  return value.list.length;
});
export const both = read((_session: Session, a: unknown, b: unknown) => ({ same: a === b, back: [a, b] }));
export const add = read((_session: Session, memory: Int32Array, n: number) => Atomics.add(memory, 0, n));
