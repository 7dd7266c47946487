import { availableParallelism } from 'node:os';
import type { Call, Lane } from './lane.js';

/** A lane with more to do than this is left alone while another one can serve. Milliseconds. */
const LONG = 2.5;
/** Short reads are bounded by the thread that asks for them: a lane more would only take its core away. */
const CORES_FOR_SHORT_READS = Math.max(1, availableParallelism() - 1);
/** A plan that runs longer than this is not waited for: what stands behind it goes to an idle lane. Milliseconds. */
export const IMPATIENCE = 2;

/** The same few lanes for short reads, each other one only where these have long ones. */
export function chooseReader(readers: readonly Lane[], most = CORES_FOR_SHORT_READS): Lane | undefined {
  let chosen: Lane | undefined;
  let serving = 0;
  for (const lane of readers) {
    if (!lane.isServing || lane.holder !== undefined || lane.backlog > LONG * lane.pace || isSlow(lane)) continue;
    if (lane.hasRoom && (chosen === undefined || lane.batches < chosen.batches)) chosen = lane;
    if (++serving === most) break;
  }
  return chosen;
}

/** The same where they wait for a server: the fewer lanes, the more of them go there together. */
export const LANES_FOR_SHORT_READS = Math.max(2, availableParallelism() - 1);

/** One that has nothing to do, for whoever wants it for himself: not the first, which have the short reads. */
export const chooseIdle = (lanes: readonly Lane[]): Lane | undefined =>
  lanes.findLast((lane) => lane.hasRoom && lane.batches === 0);

/**
 * Whether a call that wants a lane for itself has to wait until another one is let go. Streams leave one lane to all others:
 * their consumers may ask for more between two rows.
 */
export function areTaken(lanes: readonly Lane[], { plan }: Call): boolean {
  const held = lanes.filter(({ holder }) => holder !== undefined);
  if (held.length === lanes.length) return lanes.length > 0;
  const streams = held.filter(({ holder }) => holder?.plan.kind === 'stream');
  return plan.kind === 'stream' && lanes.length > 1 && streams.length >= lanes.length - 1;
}

/** The lane with the least to do. */
export function chooseEqual(lanes: readonly Lane[]): Lane | undefined {
  let chosen: Lane | undefined;
  for (const lane of lanes) {
    if (!lane.hasRoom || isSlow(lane)) continue;
    if (chosen === undefined || lane.batches < chosen.batches) chosen = lane;
  }
  return chosen;
}

/** Whether it has been at one plan for long: whatever was sent there would be taken back from it. */
export const isSlow = (lane: Lane): boolean => lane.batches > 0 && lane.hasRunFor(IMPATIENCE * lane.pace);
