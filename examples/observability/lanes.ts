import { tracingChannel } from 'node:diagnostics_channel';
import type { LaneContext } from 'offthread';

/** From now on tells of lanes that could not be opened, were lost, or are stuck; returns how to stop. */
export function watchLanes(alert: (sentence: string) => void): () => void {
  const { error } = tracingChannel<unknown, LaneContext>('offthread:lane');
  const onError = (message: unknown) => {
    const lane = message as LaneContext;
    alert(`${lane.pool.name}: ${lane.role} ${lane.event}`);
  };
  error.subscribe(onError);
  return () => error.unsubscribe(onError);
}
