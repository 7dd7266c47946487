import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { type Delay, Heartbeat } from './heartbeat.js';

export interface Figures {
  callsPerSecond: number;
  delay: Delay;
}

/** Plain calls, one after the other; between two of them the event loop has its turn. */
export function oneByOne<T>(inputs: readonly T[], call: (input: T) => unknown): Promise<Figures> {
  return measure(inputs.length, async () => {
    for (const input of inputs) {
      call(input);
      await setImmediate();
    }
  });
}

export function inFlight<T>(
  width: number,
  inputs: readonly T[],
  call: (input: T) => Promise<unknown>,
): Promise<Figures> {
  return measure(inputs.length, async () => {
    const waiting = inputs.values(); // one iterator for all callers: each takes the next input
    const caller = async () => {
      for (const input of waiting) await call(input);
    };
    await Promise.all(Array.from({ length: width }, caller));
  });
}

async function measure(calls: number, work: () => Promise<void>): Promise<Figures> {
  using heartbeat = new Heartbeat();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  return { callsPerSecond: calls / seconds, delay: heartbeat.delay() };
}
