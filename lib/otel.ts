/** `offthread/otel`: spans and metrics of every pool of this thread, by OpenTelemetry's conventions for databases. */
import { tracingChannel } from 'node:diagnostics_channel';
import { type MeterProvider, metrics as meters, type TracerProvider, trace as traces } from '@opentelemetry/api';
import { Metrics } from './otel/metrics.js';
import { Spans } from './otel/spans.js';
import type { CallContext, LaneContext, QueryContext } from './pool.js';

export interface InstrumentOptions {
  /** Default: the global one, as it is when `instrument` is called or is set later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the global one, as it is when `instrument` is called. */
  readonly meterProvider?: MeterProvider | undefined;
}

const NAME = 'offthread';

/**
 * From now on each call of a pool is a span below the one that is active where it is made, each query of it a span below
 * that, and both are counted; the call's trace goes to its unit, as `session.trace`. Call it once, after the SDK was
 * started and before pools are opened.
 *
 * @returns a function that ends this
 */
export function instrument({ tracerProvider, meterProvider }: InstrumentOptions = {}): () => void {
  const spans = new Spans((tracerProvider ?? traces.getTracerProvider()).getTracer(NAME));
  const metrics = new Metrics((meterProvider ?? meters.getMeterProvider()).getMeter(NAME));
  const stops = [
    listen<CallContext>('offthread:call', {
      start(call) {
        spans.callStarted(call);
        metrics.callStarted(call);
      },
      asyncEnd(call) {
        spans.callEnded(call);
        metrics.callEnded(call);
      },
    }),
    listen<QueryContext>('offthread:query', {
      end(query) {
        spans.queryEnded(query);
        metrics.queryEnded(query);
      },
    }),
    listen<LaneContext>('offthread:lane', { asyncStart: (lane) => metrics.laneOpened(lane) }),
  ];
  return () => {
    for (const stop of stops) stop();
    metrics.stop();
  };
}

type Handlers<C> = Partial<Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', (context: C) => void>>;

function listen<C extends object>(name: string, handlers: Handlers<C>): () => void {
  const channel = tracingChannel<unknown, C>(name);
  // Node takes some of them, and its types want all.
  const subscribers = handlers as Parameters<typeof channel.subscribe>[0];
  channel.subscribe(subscribers);
  return () => channel.unsubscribe(subscribers);
}
