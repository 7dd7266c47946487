import { CallError } from '../../errors.js';
import { nearest } from '../../plan/nearest.js';
import type { Fault } from '../fault.js';
import { frameOf } from '../frame.js';
import type { Parcel } from './parcel.js';

/** What is done with something on the other thread. */
export type Deed = 'get' | 'set' | 'call' | 'new' | 'dispose' | 'close';

/** The place of what is asked by a callback, which nobody can give up. */
export const NO_SLOT = -1;

/** The number of the module itself, which is not lent: it is there. */
export const MODULE = 0;

export interface Request {
  readonly deed: Deed;
  /** Whose, by the number under which it was lent. */
  readonly id: number;
  /** From there to what is meant, by names of properties. */
  readonly path: readonly string[];
  /** An array. */
  readonly args: Parcel;
}
/** The answer: a value, what was thrown, or nothing where its caller had given up before it began. */
export type Reply =
  | { readonly kind: 'value'; readonly parcel: Parcel }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'skipped' };

/** What a request does, as an error calls it: `find() of a Repo of dao.js`. */
export function describe(deed: Deed, path: readonly string[], owner: string): string {
  const name = path.join('.');
  switch (deed) {
    case 'get':
      return `${name} of ${owner}`;
    case 'set':
      return `the assignment to ${name} of ${owner}`;
    case 'call':
      return name === '' ? `${owner}()` : `${name}() of ${owner}`;
    case 'new':
      return name === '' ? `new ${owner}()` : `new ${name}() of ${owner}`;
    case 'dispose':
      return `the disposal of ${owner}`;
    case 'close':
      return `close() of ${owner}`;
    default:
      return deed satisfies never;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: somebody else's object, whatever it is
type Anything = any;

/** Whether a line of a stack is the frame that called what was asked for. */
export const isCarriedOut = frameOf(import.meta.url, 'lib/wire/remote/request.ts');

/** Does what is asked with an object of this thread, which errors call its `owner`; throws what that throws. */
export function carryOut(
  { deed, path }: Pick<Request, 'deed' | 'path'>,
  root: object,
  owner: string,
  args: readonly unknown[],
): unknown {
  const fail = (nothing?: string) => missing(deed, root, path, owner, nothing);
  let parent: Anything;
  let value: Anything = root;
  for (const [i, name] of path.entries()) {
    if (value === undefined || value === null) throw fail(path.slice(0, i).join('.'));
    parent = value;
    value = deed === 'set' && i === path.length - 1 ? undefined : value[name];
  }
  switch (deed) {
    case 'get':
      return value;
    case 'set':
      parent[path.at(-1) as string] = args[0];
      return undefined;
    case 'call':
      if (typeof value !== 'function') throw fail();
      return Reflect.apply(value, parent, args);
    case 'new':
      if (!isConstructor(value)) throw fail();
      return Reflect.construct(value, args);
    case 'dispose':
      return (value[Symbol.asyncDispose] ?? value[Symbol.dispose])?.call(value);
    default:
      throw new Error(`nothing here does ${deed}`);
  }
}

const isConstructor = (value: unknown): value is new (...args: unknown[]) => object => {
  if (typeof value !== 'function') return false;
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
};

function missing(deed: Deed, root: object, path: readonly string[], owner: string, nothing?: string): Error {
  const names = namesIn(root);
  const first = path[0] ?? '';
  const meant = names.includes(first) ? undefined : nearest(first, names);
  const problem =
    nothing !== undefined
      ? `${nothing} is nothing, so it has no ${path.at(-1)}`
      : path.length > 0 && !(first in root)
        ? `it has no ${first}`
        : `${path.join('.') || 'it'} is no ${deed === 'new' ? 'class' : 'function'}`;
  const wayOut =
    meant !== undefined ? `Did you mean ${meant}?` : `It has ${names.slice(0, 20).join(', ') || 'nothing'}.`;
  return new CallError({ call: describe(deed, path, owner), problem, wayOut });
}

/** The names that an object answers to, its class's methods included. */
function namesIn(root: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = root; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (at === Function.prototype) break;
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return [...names];
}
