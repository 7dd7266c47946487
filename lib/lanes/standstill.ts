import type { Hold } from './call.js';
import type { Held, Outside } from './holds.js';
import type { Call, Lane } from './lane.js';

/**
 * How long nothing must have been done within a lease whose holder may be another than the one who waits: a function that asked
 * for it and is not waited for goes on by itself. Milliseconds.
 */
const RESTING = 1_000;

/** A call that nobody else will ever make room for, and the hold of its own caller. */
export interface Stuck {
  readonly call: Call;
  readonly hold: Hold<Lane>;
  /** It is known to be its own caller's, or nothing was done in it for so long. */
  readonly isSure: boolean;
}

/**
 * The latest call that waits only for lanes whose holders wait themselves, be it for one another: none of them would ever go
 * on. Else undefined, and in how many milliseconds it may be otherwise.
 */
export function findStuck(
  all: Iterable<Held>,
  lanesFor: (call: Call) => readonly Lane[],
  time: number,
): { readonly stuck: Stuck | undefined; readonly lookAgain: number } {
  const waiting = new Map<Hold<Lane>, Outside[]>();
  let lookAgain = Number.POSITIVE_INFINITY;
  for (const held of all) {
    const rest = held.underWay > 0 ? Number.POSITIVE_INFINITY : held.restsSince + RESTING - time;
    const calls = waitingOf(held);
    const counted = rest <= 0 ? calls : calls.filter(({ isSure }) => isSure);
    if (counted.length < calls.length) lookAgain = Math.min(lookAgain, rest);
    if (counted.length > 0) waiting.set(held.hold, counted);
  }
  const isBlocked = ({ call }: Outside): boolean => {
    const lanes = lanesFor(call);
    return lanes.length > 0 && lanes.every(({ holder }) => holder?.hold !== undefined && waiting.has(holder.hold));
  };
  // Whoever goes on lets those go on who wait for him.
  for (let size = -1; size !== waiting.size; ) {
    size = waiting.size;
    for (const [hold, calls] of waiting) if (!calls.some(isBlocked)) waiting.delete(hold);
  }
  let stuck: Stuck | undefined;
  for (const [hold, calls] of waiting) stuck = later(stuck, hold, calls.filter(isBlocked));
  return { stuck, lookAgain };
}

function later(stuck: Stuck | undefined, hold: Hold<Lane>, blocked: readonly Outside[]): Stuck | undefined {
  let latest = stuck;
  for (const { call, isSure } of blocked)
    if (latest === undefined || call.sequence > latest.call.sequence) latest = { call, hold, isSure };
  return latest;
}

function waitingOf({ hold, outside }: Held): Outside[] {
  const unsettled = outside.filter(({ call }) => !call.isSettled);
  outside.splice(0, outside.length, ...unsettled);
  return hold.isTaken && !hold.isEnding ? unsettled.filter(({ call }) => call.lane === undefined) : [];
}
