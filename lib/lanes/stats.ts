import { nameOf } from '../plan/plan.js';
import { now } from '../wire/clock.js';
import type { Dispatcher } from './dispatcher.js';
import type { Lane } from './lane.js';
import type { LaneStats, PoolStats } from './pool-stats.js';

export function statsOf({ roster, counts, load, journal, oldestArrival }: Dispatcher): PoolStats {
  const time = now();
  return {
    waiting: load.waiting,
    oldestWait: oldestArrival === undefined ? 0 : Math.max(0, time - oldestArrival),
    running: load.running,
    ...counts,
    waits: journal.waits.times(),
    runs: journal.runs.times(),
    groups: roster.groups(),
    lanes: roster.lanes().map((lane) => statsOfLane(lane, time)),
    lanesLost: roster.lost,
    lanesRetired: roster.retired,
  };
}

function stateOf(lane: Lane): LaneStats['state'] {
  if (lane.isRetired) return 'retired';
  if (lane.isOpening) return 'opening';
  if (lane.holder !== undefined) return 'held';
  return lane.batches > 0 ? 'busy' : 'idle';
}

function statsOfLane(lane: Lane, time: number): LaneStats {
  const { current, streamKind } = lane;
  return {
    id: lane.id,
    role: lane.role,
    state: stateOf(lane),
    calls: lane.calls.length,
    served: lane.served,
    ...(current !== undefined && {
      current: { what: nameOf(current.call.plan), for: Math.max(0, time - current.start) },
    }),
    ...(streamKind !== undefined && { stream: streamKind }),
  };
}
