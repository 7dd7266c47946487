// `performance.now()` starts at zero on every thread; `hrtime` is one clock over all of them, but slow to read often.
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds on a monotonic clock that all threads of the process share. */
export const now = (): number => performance.now() + origin;
