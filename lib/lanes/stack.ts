import { frameOf } from '../wire/frame.js';

/** Adds the frames of whoever calls to an error, and takes ours out of it. Done only on failure. */
export function joinStack(error: unknown, frames: readonly string[] = framesHere()): unknown {
  if (!(error instanceof Error)) return error;
  const { stack: before = String(error) } = error;
  // A program may make something else of it, with Error.prepareStackTrace.
  if (typeof before !== 'string') return error;
  // One error may be told to several callers.
  const [told = ''] = before.split(`\n${SEAM}\n`);
  const own = told.split('\n').filter(isTelling);
  const callers = frames.filter(isTelling);
  // An error that was made here has them already.
  const hasCallers = own.slice(-callers.length).join() === callers.join();
  const stack = callers.length === 0 || hasCallers ? own : [...own, SEAM, ...callers];
  // A frozen one keeps its own.
  Reflect.defineProperty(error, 'stack', { value: stack.join('\n'), configurable: true, writable: true });
  return error;
}

/** Adds the frames of whoever awaits a promise, which is still pending, to the error that it will be rejected with. */
export function joinCallers(promise: Promise<unknown>, error: unknown, reject: (error: unknown) => void): void {
  onTheWayTo(promise, () => {
    let told = error;
    try {
      const frames = framesHere();
      const callers = frames.findIndex((frame) => frame.includes('async Promise.all ')) + 1;
      told = joinStack(error, frames.slice(callers));
    } finally {
      // Whatever a program has made of stacks: a call that failed is told so.
      reject(told);
    }
  });
}

/**
 * Does something in the next microtask, and where the engine knows who awaits the promise: it follows the promises that settle each
 * other from the one at work to an async function. So nobody pays for one more of them, or an async function in between,
 * until a call has failed: then Promise.all is told that this promise is its result.
 */
function onTheWayTo(promise: Promise<unknown>, work: () => void): void {
  function Way(executor: (resolve: () => void, reject: () => void) => void): Promise<unknown> {
    const ignore = () => {};
    executor(ignore, ignore);
    return promise;
  }
  Way.resolve = (step: Promise<void>) => step;
  Promise.all.call(Way, [Promise.resolve().then(work)]);
}

/** The frames of whoever calls the library. */
export const callersHere = (): string[] => framesHere().filter(isTelling);

function framesHere(): string[] {
  const stack: unknown = new Error('here').stack;
  return typeof stack === 'string' ? stack.split('\n').slice(1) : [];
}

const SEAM = '    -- called from --';
const isOurs = frameOf(new URL('..', import.meta.url).href, 'lib/');
/** Not a frame of the library, which says nothing to its caller, nor of the timer that rang. */
const isTelling = (line: string): boolean => !isOurs(line) && !/^\s+at .*\(node:internal\//.test(line);
