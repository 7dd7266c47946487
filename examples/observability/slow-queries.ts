import { tracingChannel } from 'node:diagnostics_channel';
import type { QueryContext } from 'offthread';

/** From now on tells of statements that take longer than so many milliseconds; returns how to stop. */
export function watchQueries(milliseconds: number, tell: (sentence: string) => void): () => void {
  const { end } = tracingChannel<unknown, QueryContext>('offthread:query');
  const onEnd = (message: unknown) => {
    const { sql, duration, rows, call } = message as QueryContext;
    if (duration >= milliseconds) tell(`${call.what}: ${sql} (${rows} rows)`);
  };
  end.subscribe(onEnd);
  return () => end.unsubscribe(onEnd);
}
