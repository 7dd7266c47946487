import { inspect } from 'node:util';
import type { Deed } from './request.js';

/** Where something of the other thread is, and how it is asked there. */
export interface Origin {
  /** Of whom it was borrowed: an argument goes back to the same only. */
  readonly home: object;
  readonly id: number;
  /** What it is called in errors: `a Repo of dao.js`. */
  readonly name: string;
  readonly isIterator: boolean;
  /** It is not used any more: nothing that is asked afterwards is done. */
  readonly dispose?: () => Promise<unknown>;
  readonly ask: (deed: Deed, path: readonly string[], args: readonly unknown[]) => Promise<unknown>;
  /** Whether who calls it may leave its answer alone, as synchronous code does; a failure is then told as a warning. */
  readonly isCallback: boolean;
}
interface Place {
  readonly origin: Origin;
  readonly path: readonly string[];
}

const places = new WeakMap<object, Place>();
/** What a face stands for; undefined for what is none. */
export const placeOf = (value: object): Place | undefined => places.get(value);

/**
 * Stands for something of the other thread. A property of it is one too: called, constructed or awaited it asks there. The
 * `held` one is kept from being collected as long as this one lives.
 */
export function faceOf(origin: Origin, path: readonly string[] = [], held?: object): object {
  const isRoot = path.length === 0;
  const face: object = new Proxy(targetOf(origin, path), {
    get: (_, key) => {
      if (typeof key === 'symbol') return isRoot ? symbolOf(origin, key, face) : undefined;
      // It may be awaited itself, and is no promise.
      if (isRoot && (key === 'then' || key === 'toJSON')) return undefined;
      if (!isRoot && (key === 'then' || key === 'catch' || key === 'finally')) {
        const read = origin.ask('get', path, []);
        return (read[key] as (...args: unknown[]) => unknown).bind(read);
      }
      return faceOf(origin, [...path, key], held ?? face);
    },
    set: (_, key, value) => {
      if (typeof key === 'symbol') return false;
      // It is in time for whatever is asked next.
      origin.ask('set', [...path, key], [value]).catch(warn);
      return true;
    },
    apply: (_, __, args) => {
      const answer = origin.ask('call', path, args);
      return origin.isCallback ? perhapsAwaited(answer) : answer;
    },
    construct: (_, args) => origin.ask('new', path, args),
    defineProperty: () => false,
    deleteProperty: () => false,
  });
  places.set(face, { origin, path });
  return face;
}

function symbolOf(origin: Origin, key: symbol, face: object): unknown {
  if (key === Symbol.asyncDispose) return origin.dispose;
  if (key === Symbol.asyncIterator && origin.isIterator) return () => iterate(face as Iterator<unknown>);
  return undefined;
}

/** The same answer, whose failure is a warning where nobody awaits it. */
function perhapsAwaited(answer: Promise<unknown>): PromiseLike<unknown> {
  let isAwaited = false;
  answer.catch((error) => {
    if (!isAwaited) warn(error);
  });
  // Not a promise of the language, whose `then` an `await` would not call.
  return Object.freeze({
    // biome-ignore lint/suspicious/noThenProperty: it is there to be awaited
    then: (...args: Parameters<Promise<unknown>['then']>) => {
      isAwaited = true;
      return answer.then(...args);
    },
  }) as PromiseLike<unknown>;
}

/** What fails where nobody can hear of it. */
const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Asks the face and not its origin: that lives as long as its face. */
async function* iterate(face: Iterator<unknown>): AsyncGenerator<unknown> {
  let isDone = false;
  try {
    while (!isDone) {
      const step = await face.next();
      isDone = step.done === true;
      if (!isDone) yield step.value;
    }
  } finally {
    // Left in the middle: its own `finally` runs, where it has one.
    if (!isDone && (await face.return) !== undefined) await face.return?.();
  }
}

/** What is under the proxy: callable, constructable, and what the console shows. */
function targetOf({ name }: Origin, path: readonly string[]): object {
  const target = function remote() {};
  Object.defineProperty(target, inspect.custom, { value: () => `[remote ${[...path.slice(-1), name].join(' of ')}]` });
  return target;
}
