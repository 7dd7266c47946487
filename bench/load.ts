import { performance } from 'node:perf_hooks';
import type { Figures } from './figures.js';
import { Heartbeat } from './heartbeat.js';
import { PERCENTILES, percentile } from './statistics.js';
import type { Measurement, Setting } from './trial.js';

/** Milliseconds until the threads of a pool run compiled code: one that is measured sooner has half of its speed. */
const WARM_UP = 400;
/** A plain loop on this thread is compiled sooner. */
const WARM_UP_OF_LOOP = 200;
const WARM_UP_ROUND = 80;
/** Milliseconds in which it has got no faster. */
const LEVEL = 200;
const LONGEST_WARM_UP = 2_000;

export type Call = (i: number) => unknown;
/** So many calls, by whoever makes them. */
type Round = (calls: number) => unknown;

/** Callers that each make one call after the other: `inFlight` loops `while (i < n) await call(i++)`. */
export async function callers(calls: number, inFlight: number, call: Call): Promise<void> {
  let i = 0;
  const caller = async () => {
    while (i < calls) await call(i++);
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}

/** What calls cost with so many callers at once. */
export async function measureCallers(
  call: Call,
  inFlight: number,
  setting: Setting,
  leastWarmUp?: number,
): Promise<Measurement> {
  const round: Round = (calls) => callers(calls, inFlight, call);
  const pace = await warmUp(round, inFlight, setting, leastWarmUp);
  const calls = Math.max(inFlight, Math.round(pace * setting.seconds * 1_000));
  return { figures: perCall(calls, await observe(() => round(calls))) };
}

/** The same, and how long single calls wait: in a second round, since to look at the clock costs as much as some calls do. */
export async function measureCallersAndWaits(
  call: Call,
  inFlight: number,
  setting: Setting,
  leastWarmUp?: number,
): Promise<Measurement> {
  const { figures } = await measureCallers(call, inFlight, setting, leastWarmUp);
  const waited: number[] = [];
  const calls = Math.ceil(((figures.callsPerSecond ?? 0) * setting.seconds) / 3);
  await callers(calls, inFlight, (i) => timed(() => call(i), waited));
  return { figures: { ...figures, ...waits(waited) }, waits: distribution(waited) };
}

/** Makes a call, and notes how many microseconds it took. */
export async function timed(call: () => unknown, into: number[]): Promise<void> {
  const start = performance.now();
  await call();
  into.push((performance.now() - start) * 1_000);
}

/** Synchronous calls in a plain loop, which is all that this thread does meanwhile. */
export async function measureLoop(call: Call, setting: Setting, leastWarmUp = WARM_UP_OF_LOOP): Promise<Measurement> {
  const round: Round = (calls) => {
    for (let i = 0; i < calls; i++) call(i);
  };
  const calls = Math.max(1, Math.round((await warmUp(round, 1, setting, leastWarmUp)) * setting.seconds * 1_000));
  return { figures: perCall(calls, await observe(() => round(calls))) };
}

/** What the work costs: time, the main thread's part of it, and how late the event loop was. */
export async function observe(work: () => unknown): Promise<Figures & { wallTime: number; busyTime: number }> {
  using heartbeat = new Heartbeat();
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  await work();
  const wallTime = performance.now() - start;
  const { utilization, active } = performance.eventLoopUtilization(before);
  return { wallTime, busyTime: active, utilization, ...heartbeat.delay() };
}

/** Makes calls until they have got no faster for a while, and answers with their pace: calls per millisecond. */
export async function warmUp(
  round: Round,
  inFlight: number,
  { seconds }: Setting,
  leastWarmUp = WARM_UP,
): Promise<number> {
  const least = leastWarmUp * Math.min(1, seconds * 5); // less in a bench that only tries itself out
  const begin = performance.now();
  let best = 0;
  let level = 0;
  for (let calls = inFlight; ; ) {
    const start = performance.now();
    await round(calls);
    const end = performance.now();
    const pace = calls / (end - start);
    level = pace < best * 1.1 ? level + end - start : 0;
    if (end - begin > least && (level >= LEVEL || end - begin > LONGEST_WARM_UP)) return pace;
    best = Math.max(best, pace);
    calls = Math.max(inFlight, Math.round(pace * WARM_UP_ROUND));
  }
}

function perCall(calls: number, observed: Figures & { wallTime: number; busyTime: number }): Figures {
  const wallTime = observed.wallTime / calls;
  return {
    ...observed,
    wallTime,
    busyTime: observed.busyTime / calls,
    callTime: wallTime * 1_000,
    callsPerSecond: 1_000 / wallTime,
  };
}

export function waits(microseconds: readonly number[]): Figures {
  const sorted = microseconds.toSorted((a, b) => a - b);
  return { waitP50: percentile(sorted, 50), waitP99: percentile(sorted, 99) };
}

/** Many waits as few numbers: one at each of PERCENTILES. */
export function distribution(microseconds: readonly number[]): number[] {
  const sorted = microseconds.toSorted((a, b) => a - b);
  return PERCENTILES.map((percent) => Math.round(percentile(sorted, percent) * 10) / 10);
}
