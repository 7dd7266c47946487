import { performance } from 'node:perf_hooks';
import type { Figures } from './figures.js';
import { Heartbeat } from './heartbeat.js';
import { PERCENTILES, percentile } from './statistics.js';
import type { Measurement, Setting } from './trial.js';

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

/** Calls per second with so many callers at once, and how long each call takes. */
export async function measureCallers(call: Call, inFlight: number, { seconds }: Setting): Promise<Measurement> {
  const round: Round = (calls) => callers(calls, inFlight, call);
  const calls = await callsFor(seconds, round, inFlight);
  const figures = perCall(calls, await observe(() => round(calls)));
  // A round of its own: to look at the clock twice a call costs as much as some calls do.
  const latencies: number[] = [];
  await callers(Math.ceil(calls / 4), inFlight, async (i) => {
    const start = performance.now();
    await call(i);
    latencies.push((performance.now() - start) * 1_000);
  });
  return { figures: { ...figures, ...waits(latencies) }, latencies: distribution(latencies) };
}

/** Synchronous calls in a plain loop, which is all that this thread does meanwhile. */
export async function measureLoop(call: Call, { seconds }: Setting): Promise<Measurement> {
  const round: Round = (calls) => {
    for (let i = 0; i < calls; i++) call(i);
  };
  const calls = await callsFor(seconds, round, 1);
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

/** How many calls take about so long; to find out warms them up. */
async function callsFor(seconds: number, round: Round, atLeast: number): Promise<number> {
  for (let calls = atLeast; ; calls *= 2) {
    const start = performance.now();
    await round(calls);
    const taken = (performance.now() - start) / 1_000;
    if (taken > seconds / 4) return Math.max(atLeast, Math.round((calls * seconds) / taken));
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

export function waits(latencies: readonly number[]): Figures {
  const sorted = latencies.toSorted((a, b) => a - b);
  return { waitP50: percentile(sorted, 50), waitP99: percentile(sorted, 99) };
}

export function distribution(latencies: readonly number[]): number[] {
  const sorted = latencies.toSorted((a, b) => a - b);
  return PERCENTILES.map((percent) => Math.round(percentile(sorted, percent) * 10) / 10);
}
