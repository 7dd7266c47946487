// `performance.now()` starts at zero on every thread; `hrtime` is one clock over all of them, but slow to read often.
const origin = originOf();

/** Milliseconds on a monotonic clock that all threads of the process share. */
export const now = (): number => performance.now() + origin;

/** By the closest of a few readings: the first takes a millisecond, until the functions are there. */
function originOf(): number {
  let closest = Number.POSITIVE_INFINITY;
  let origin = 0;
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint()) / 1e6;
    const after = performance.now();
    if (after - before >= closest) continue;
    closest = after - before;
    origin = shared - (before + after) / 2;
  }
  return origin;
}
