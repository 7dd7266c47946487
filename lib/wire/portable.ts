import { NotPortableError, show, UnfinishedQueryError } from '../errors.js';
import { isPlainObject } from '../plan/plain-object.js';
import { FULL, weightOf } from './weight.js';

/** On an entity's prototype: what of it leaves its thread, as name and value. */
export const contents: unique symbol = Symbol.for('offthread.contents');
/** On the prototype of what stays on its thread: the error that says so. */
export const stays: unique symbol = Symbol.for('offthread.stays');

interface Stays {
  [stays](path: string): Error;
}
export interface HasContents {
  [contents](): Iterable<readonly [name: string, value: unknown]>;
}

/** A value that structured clone carries, and the parts of it that have to be mended behind that. */
export interface Portable {
  readonly value: unknown;
  readonly mended: readonly Mended[] | undefined;
  /** How long it takes to read, in cells. */
  readonly weight: number;
  /** Where it is too much to be read in one turn: the outermost of its long arrays, whose elements may go before it. */
  readonly longArrays?: readonly LongArray[] | undefined;
}
export interface LongArray {
  readonly elements: unknown[];
  readonly weight: number;
}
/** Bytes that were a Buffer, or an error with the fields that it had. */
export type Mended = Uint8Array | readonly [error: Error, fields: object];

/** Puts something else in the place of what stays on its thread: a plain object, known again by its identity. */
export type StandIn = (value: object, path: string) => object | undefined;

/**
 * A copy that survives structured clone: entities become plain objects, shared and circular references are kept, and
 * what cannot cross is an error with the path to it.
 */
export function toPortable(
  value: unknown,
  root: string,
  entities: 'detach' | 'refuse',
  standInFor?: StandIn | undefined,
): Portable {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
    return { value, mended: undefined, weight: weightOf(value) };
  if (value === null) return { value, mended: undefined, weight: 1 };
  const copier = new Copier(entities, standInFor);
  const copy = copier.copy(value, root);
  return { value: copy, mended: copier.mended, weight: copier.weight, longArrays: copier.longArrays };
}

/** Mends what structured clone has lost: it keeps one object one, so this is done in place. */
export function fromPortable(value: unknown, mended: readonly Mended[] | undefined): unknown {
  for (const part of mended ?? []) {
    if (part instanceof Uint8Array) Object.setPrototypeOf(part, Buffer.prototype);
    else for (const [name, field] of Object.entries(part[1])) setOwn(part[0], name, field);
  }
  return value;
}

/** Deeper than this, structured clone may overflow the stack of the thread that reads it. */
const MAX_DEPTH = 500;

/** From this many elements on an array is long. */
const LONG = 256;
/** Elements that room is made for at once: a longer array may be one of holes. */
const MOST_ROOM = 1 << 16;

class Copier {
  #depth = 0;
  weight = 0;
  /** One object stands in two places: they have to cross together, or they would be two. */
  #hasShared = false;
  #isInLongArray = false;
  readonly #longArrays: LongArray[] = [];
  mended: Mended[] | undefined;
  readonly #copies = new Map<object, unknown>();
  readonly #entities: 'detach' | 'refuse';
  readonly #standInFor: StandIn | undefined;

  constructor(entities: 'detach' | 'refuse', standInFor: StandIn | undefined) {
    this.#entities = entities;
    this.#standInFor = standInFor;
  }

  get longArrays(): readonly LongArray[] | undefined {
    const isApart = this.weight >= FULL && !this.#hasShared && this.mended === undefined;
    return isApart && this.#longArrays.length > 0 ? this.#longArrays : undefined;
  }

  copy(value: unknown, path: string): unknown {
    this.weight += weightOf(value);
    if (typeof value === 'function') {
      const standIn = this.#standInFor?.(value, path);
      if (standIn !== undefined) return standIn;
      throw new NotPortableError({
        path,
        found: `the function ${value.name || '(anonymous)'}`,
        wayOut: 'Send data, and call the function on its own side.',
      });
    }
    if (typeof value === 'symbol')
      throw new NotPortableError({ path, found: `the symbol ${String(value)}`, wayOut: 'Send a string.' });
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) {
      this.#hasShared = true;
      return known;
    }
    if (this.#depth === MAX_DEPTH) {
      const found = `nested deeper than ${MAX_DEPTH} levels`;
      throw new NotPortableError({
        path: `${path.slice(0, 80)}…`,
        found,
        wayOut: 'Send it flat, with keys in the place of nesting.',
      });
    }
    this.#depth++;
    const copy = this.#copy(value, path);
    this.#depth--;
    return copy;
  }

  #copy(value: object, path: string): unknown {
    if (contents in value) return this.#entity(value as HasContents, path);
    const standIn = this.#standInFor?.(value, path);
    if (standIn !== undefined) return this.#keep(value, standIn);
    if (stays in value) throw (value as Stays)[stays](path);
    if (Array.isArray(value)) return this.#array(value, path);
    return this.#object(value, path);
  }

  #keep<T>(original: object, copy: T): T {
    this.#copies.set(original, copy);
    return copy;
  }

  #entity(entity: HasContents, path: string): object {
    if (this.#entities === 'refuse') {
      throw new NotPortableError({
        path,
        found: `the entity ${entity.constructor.name}`,
        wayOut: 'Send its key, and get it from the session there.',
      });
    }
    const copy = this.#keep(entity, {});
    for (const [name, value] of entity[contents]()) setOwn(copy, name, this.copy(value, `${path}.${name}`));
    return copy;
  }

  #array(array: readonly unknown[], path: string): unknown[] {
    const copy = this.#keep(array, array.length <= MOST_ROOM ? new Array<unknown>(array.length) : []);
    const before = this.weight;
    const isOutermost = array.length >= LONG && !this.#isInLongArray;
    if (isOutermost) this.#isInLongArray = true;
    const behind = this.#elements(array, copy, path);
    if (isOutermost) this.#isInLongArray = false;
    if (behind < array.length) this.#sparse(array, behind, copy, path);
    else if (isOutermost) {
      this.#longArrays.push({ elements: copy, weight: this.weight - before });
    }
    return copy;
  }

  /** Up to the first hole, if there is one. Answers with where it stopped. */
  #elements(array: readonly unknown[], copy: unknown[], path: string): number {
    for (let i = 0; i < array.length; i++) {
      const element = array[i];
      if (element === undefined && !(i in array)) return i;
      copy[i] = this.copy(element, `${path}[${i}]`);
    }
    return array.length;
  }
  /** Holes stay holes. Their number is up to whoever made them: an array of one element can be as long as four billion. */
  #sparse(array: readonly unknown[], start: number, copy: unknown[], path: string): void {
    for (const name of Object.keys(array)) {
      const i = Number(name);
      if (i >= start && i < array.length) copy[i] = this.copy(array[i], `${path}[${i}]`);
    }
    copy.length = array.length;
  }

  #object(value: object, path: string): unknown {
    if (Buffer.isBuffer(value)) {
      const bytes = this.#keep(value, new Uint8Array(value));
      this.#mend(bytes);
      return bytes;
    }
    if (value instanceof Map) {
      const copy = this.#keep(value, new Map());
      for (const [key, item] of value)
        copy.set(this.copy(key, `${path}.key`), this.copy(item, `${path}.get(${show(key)})`));
      return copy;
    }
    if (value instanceof Set) {
      const copy = this.#keep(value, new Set());
      for (const item of value) copy.add(this.copy(item, `${path}.item`));
      return copy;
    }
    if (value instanceof SharedArrayBuffer) return value;
    if (ArrayBuffer.isView(value)) return this.#view(value, path);
    if (value instanceof Error) return this.#error(value, path);
    if (value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer) {
      return this.#keep(value, cloned(value, path));
    }
    // Promises, generators, URLs, weak maps, ports: what they are lies outside of their properties, and would be lost.
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (tag !== 'Object') {
      const wayOut =
        tag === 'Promise' ? 'Units are synchronous: await outside of them.' : 'Send plain data made from it.';
      throw new NotPortableError({ path, found: `a ${tag}`, wayOut });
    }
    if ('toOperationNode' in value && !isPlainObject(value))
      throw new UnfinishedQueryError({ path, wayOut: 'Run it where it was built, and send its rows.' });
    const copy = this.#keep(value, {});
    for (const name of Object.keys(value))
      setOwn(copy, name, this.copy((value as Record<string, unknown>)[name], `${path}.${name}`));
    return copy;
  }

  /** Structured clone keeps an error's message, stack and cause, and drops its fields. */
  #error(error: Error, path: string): Error {
    const copy = this.#keep(error, cloned(error, path) as Error);
    const fields: Record<string, unknown> = {};
    for (const name of Object.keys(error)) {
      setOwn(fields, name, this.copy((error as unknown as Record<string, unknown>)[name], `${path}.${name}`));
    }
    if (Object.keys(fields).length > 0) this.#mend([copy, fields]);
    return copy;
  }

  #mend(part: Mended): void {
    this.mended ??= [];
    this.mended.push(part);
  }

  /** Over a copy of its memory, which other views may share. */
  #view(view: ArrayBufferView, path: string): unknown {
    const memory = this.copy(view.buffer, path);
    const { byteOffset, byteLength } = view;
    const length = 'length' in view ? (view.length as number) : byteLength;
    const View = view.constructor as new (memory: unknown, byteOffset: number, length: number) => object;
    return this.#keep(view, new View(memory, byteOffset, length));
  }
}

function cloned(value: object, path: string): unknown {
  try {
    return structuredClone(value);
  } catch (cause) {
    const found = `a ${value.constructor?.name ?? 'value'} that structured clone refuses (${(cause as Error).message})`;
    throw new NotPortableError({ path, found, wayOut: 'Send plain data made from it.' }, { cause });
  }
}

/** A property of the object itself, also where its name is `__proto__`. */
export function setOwn(target: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[name] = value;
}
