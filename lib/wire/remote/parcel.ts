import { fromPortable, type Mended, setOwn, toPortable } from '../portable.js';

/** What stands for something that is lent rather than copied: how it is called on the other side. */
export interface Loan {
  readonly kind: 'function' | 'object' | 'iterator';
  /** Of the lender's. */
  readonly id: number;
  /** What it is called in errors. */
  readonly name: string;
}
/** What comes back to its own thread: what that had lent, or something within. */
interface Return {
  readonly kind: 'return';
  readonly id: number;
  readonly path: readonly string[];
}
export type Terms = Loan | Return;

/** Values on their way to the other thread, with stand-ins where something is lent. */
export interface Parcel {
  readonly value: unknown;
  readonly mended?: readonly Mended[] | undefined;
  readonly lent?: readonly (readonly [standIn: object, terms: Terms])[] | undefined;
}

/** How a side lends: undefined copies. */
export interface Lender {
  lend(value: object, path: string): Terms | undefined;
  /** What was lent does not leave after all. */
  takeBack(terms: Terms): void;
}

/** @throws NotPortableError that names the place, by `root` */
export function pack(value: unknown, root: string, lender: Lender): Parcel {
  const lent: [object, Terms][] = [];
  try {
    const { value: copy, mended } = toPortable(value, root, 'detach', (each, path) => {
      const terms = lender.lend(each, path);
      if (terms === undefined) return undefined;
      const standIn = {};
      lent.push([standIn, terms]);
      return standIn;
    });
    return lent.length === 0 ? { value: copy, mended } : { value: copy, mended, lent };
  } catch (error) {
    for (const [, terms] of lent) lender.takeBack(terms);
    throw error;
  }
}

export function unpack({ value, mended, lent }: Parcel, borrow: (terms: Terms) => unknown): unknown {
  const whole = fromPortable(value, mended);
  return lent === undefined ? whole : replace(whole, new Map(lent.map(([standIn, terms]) => [standIn, borrow(terms)])));
}

/** The same value with other things in the place of some. It is a copy of ours: plain objects, arrays, maps and sets. */
function replace(whole: unknown, others: ReadonlyMap<unknown, unknown>): unknown {
  const seen = new Set<unknown>();
  const other = (part: unknown): unknown => {
    if (others.has(part)) return others.get(part);
    if (typeof part === 'object' && part !== null && !seen.has(part)) {
      seen.add(part);
      replaceWithin(part, other);
    }
    return part;
  };
  return other(whole);
}

function replaceWithin(whole: object, other: (part: unknown) => unknown): void {
  if (Array.isArray(whole)) {
    for (let i = 0; i < whole.length; i++) whole[i] = other(whole[i]);
  } else if (whole instanceof Map) {
    const entries = [...whole];
    whole.clear();
    for (const [key, item] of entries) whole.set(other(key), other(item));
  } else if (whole instanceof Set) {
    const items = [...whole];
    whole.clear();
    for (const item of items) whole.add(other(item));
  } else if (Object.getPrototypeOf(whole) === Object.prototype) {
    for (const [name, item] of Object.entries(whole)) setOwn(whole, name, other(item));
  }
}
