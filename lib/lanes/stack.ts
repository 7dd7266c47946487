/**
 * Adds the frames of whoever awaits to an error from another thread. Taken only on failure: in the catch of an async
 * function the engine still knows who awaits it.
 */
export function joinStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const here = new Error('here').stack
    ?.split('\n')
    .slice(1)
    .filter((frame) => !frame.includes(OWN_FRAMES));
  if (here !== undefined && here.length > 0) {
    Object.defineProperty(error, 'stack', {
      value: `${error.stack}\n    -- called from --\n${here.join('\n')}`,
      configurable: true,
      writable: true,
    });
  }
  return error;
}
/** Frames of this folder say nothing to the caller. */
const OWN_FRAMES = new URL('.', import.meta.url).href;
