import { type Access, type CallPlan, nameOf } from '../plan/plan.js';
import type { CallSettings } from './call-settings.js';
import type { Observation } from './observation.js';
import { joinCallers } from './stack.js';

/** The calls of one turn of the event loop arrive together: they begin to wait when it is over. */
export interface Arrival {
  /** When that was, on the shared clock; Infinity until then. */
  time: number;
  /** The shortest queueTimeout among them. */
  shortest: number;
}
export const newArrival = (): Arrival => ({ time: Number.POSITIVE_INFINITY, shortest: Number.POSITIVE_INFINITY });

/** A lane that serves one caller alone, from when a call of his took it until that call is settled. */
export interface Hold<Lane = unknown> {
  /** The call that takes the lane. */
  readonly call: Call<Lane>;
  /** Which one it is, as soon as it is known. */
  lane: Lane | undefined;
  /** From now on the lane is there for calls within the hold. */
  isTaken: boolean;
  /** Its end was asked for, and nobody has to do anything more for it. */
  isEnding: boolean;
  /** A call within it was rejected because it had ended. */
  isEndTold: boolean;
  /** Where its caller asked for it. */
  readonly frames: readonly string[];
  readonly events: HoldEvents;
}
export interface HoldEvents {
  readonly onTaken: () => void;
  /** Its call was settled: why, where nobody wanted that. */
  readonly onEnded: (outcome: 'fulfilled' | 'rejected', told: unknown) => void;
}

/** One call of the pool, from its submission until it is settled, which happens once. */
export interface Call<Lane = unknown> {
  /** In the order of their submission. */
  readonly sequence: number;
  readonly plan: CallPlan;
  /** Where it has to run; a query that turns out to be no read is changed to a write. */
  access: Access;
  readonly settings: CallSettings;
  /** With whom it was submitted; undefined before that. */
  arrival: Arrival | undefined;
  /** What its caller awaits. */
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  isSettled: boolean;
  /** Where it answers bit by bit: takes the parts as they come. */
  readonly onChunk: ((chunk: unknown[]) => void) | undefined;
  /** How many lanes were lost with it, although it was not at fault. */
  losses: number;
  /** Who waits behind it in a queue. */
  next: Call<Lane> | undefined;
  /** Where it is, and its place there; none while it waits in the queue. */
  lane: Lane | undefined;
  slot: number;
  /** What is noted of it, where somebody asked for it. */
  observation: Observation | undefined;
  /** Set when it cannot be stopped any more: what it is told if no answer comes until then. */
  givenUp: { readonly at: number; readonly reason: unknown } | undefined;
  /** The hold that it takes, or within which it runs. */
  hold: Hold<Lane> | undefined;
}

let calls = 0;

export function newCall(plan: CallPlan, settings: CallSettings, onChunk?: (chunk: unknown[]) => void): Call<never> {
  let resolve!: Call['resolve'];
  let reject!: Call['reject'];
  const promise = new Promise<unknown>((onResult, onFailure) => {
    resolve = onResult;
    reject = onFailure;
  });
  return {
    sequence: calls++,
    plan,
    access: settings.transaction ? plan.access : 'write',
    settings,
    arrival: undefined,
    promise,
    resolve,
    reject,
    isSettled: false,
    onChunk,
    losses: 0,
    next: undefined,
    lane: undefined,
    slot: -1,
    observation: undefined,
    givenUp: undefined,
    hold: undefined,
  };
}

/** Makes a call one that holds its lane. */
export function newHold<Lane>(call: Call<Lane>, frames: readonly string[], events: HoldEvents): Hold<Lane> {
  call.hold = { call, lane: undefined, isTaken: false, isEnding: false, isEndTold: false, frames, events };
  return call.hold;
}
/** Whether it holds its lane, or is going to; it is then sent there alone. */
export const holdsLane = (call: Call): boolean => call.hold !== undefined && call.hold.call === call;

/** Tells the caller that it failed, and in the error who that is; the reason of an abort is its own, and told as it is. */
export function rejectCall({ promise, reject, settings: { signal } }: Call, error: unknown): void {
  if (signal?.aborted && signal.reason === error) reject(error);
  else joinCallers(promise, error, reject);
}

/** When it may not wait any longer, on the shared clock. */
export const waitsUntil = ({ arrival, settings }: Call): number =>
  (arrival?.time ?? Number.POSITIVE_INFINITY) + settings.queueTimeout;

/** As it is called at the start of a sentence. */
export const describe = (call: Call): string => {
  const name = nameOf(call.plan);
  return name.charAt(0).toUpperCase() + name.slice(1);
};
