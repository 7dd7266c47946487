import type { Loan } from './parcel.js';

/** Methods that every object may have, and that make no service of it. */
const CONVERSIONS: ReadonlySet<string | symbol> = new Set([
  'constructor',
  'toString',
  'toLocaleString',
  'valueOf',
  'toJSON',
  Symbol.toPrimitive,
  Symbol.for('nodejs.util.inspect.custom'),
]);

/** What crosses as data although it has methods: by what it holds, or not at all. */
const isBuiltIn = (value: object): boolean =>
  Array.isArray(value) ||
  value instanceof Map ||
  value instanceof Set ||
  value instanceof Date ||
  value instanceof RegExp ||
  value instanceof Error ||
  value instanceof Promise ||
  value instanceof ArrayBuffer ||
  value instanceof SharedArrayBuffer ||
  ArrayBuffer.isView(value);

/** Whether it is a function, or an object with a method, its own or of its class: such things are used where they are. */
export function isService(value: object): boolean {
  if (typeof value === 'function') return true;
  if (isBuiltIn(value)) return false;
  for (let at: object | null = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      if (CONVERSIONS.has(key)) continue;
      // Not by reading it, which may run code.
      if (typeof Object.getOwnPropertyDescriptor(at, key)?.value === 'function') return true;
    }
  }
  return false;
}

export function kindOf(value: object): Loan['kind'] {
  if (typeof value === 'function') return 'function';
  const isIterator = typeof (value as { next?: unknown }).next === 'function';
  return isIterator && (Symbol.iterator in value || Symbol.asyncIterator in value) ? 'iterator' : 'object';
}

/** What it is called in an error: its class's name, its own where it is a function. */
export function nameOfObject(value: object): string {
  if (typeof value === 'function') return value.name || 'a function';
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? `a ${name}` : 'an object';
}
