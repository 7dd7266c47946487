import { nameOf } from '../plan/plan.js';
import { now } from '../wire/clock.js';
import type { Dispatcher } from './dispatcher.js';
import type { Lane } from './lane.js';
import type { LaneStats, PoolStats } from './pool-stats.js';
import type { Wraps } from './wrap/wraps.js';

export function statsOf(dispatcher: Dispatcher, wraps: Wraps): PoolStats {
  const { roster, counts, load, journal, waiting } = dispatcher;
  const { oldestArrival } = waiting;
  const time = now();
  return {
    waiting: load.waiting + wraps.waiting,
    oldestWait: oldestArrival === undefined ? 0 : Math.max(0, time - oldestArrival),
    running: load.running + wraps.load - wraps.waiting,
    ...counts,
    fulfilled: counts.fulfilled + wraps.counts.fulfilled,
    rejected: counts.rejected + wraps.counts.rejected,
    waits: journal.waits.times(),
    runs: journal.runs.times(),
    groups: roster.groups(),
    lanes: [...roster.lanes().map((lane) => statsOfLane(lane, time)), ...wraps.lanes()],
    lanesLost: roster.lost + wraps.lost,
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
