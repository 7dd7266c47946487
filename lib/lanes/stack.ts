/**
 * Adds the frames of whoever awaits to an error, and takes ours out of it. Done only on failure: in the catch of an async
 * function the engine still knows who awaits it.
 */
export function joinStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  // One error may be told to several callers.
  const [told = ''] = (error.stack ?? String(error)).split(`\n${SEAM}\n`);
  const own = told.split('\n').filter(isTelling);
  const here = (new Error('here').stack ?? '').split('\n').slice(1).filter(isTelling);
  const stack = here.length === 0 ? own : [...own, SEAM, ...here];
  Object.defineProperty(error, 'stack', { value: stack.join('\n'), configurable: true, writable: true });
  return error;
}

const SEAM = '    -- called from --';
const LIBRARY = new URL('..', import.meta.url).href;
/** Not a frame of the library, which says nothing to its caller, nor of the timer that rang. */
const isTelling = (line: string): boolean =>
  !/^\s+at /.test(line) || !(line.includes(LIBRARY) || line.includes('(node:internal/'));
