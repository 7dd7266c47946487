import { type Attributes, context, propagation, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { hrTimeToMilliseconds, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { instrument } from 'offthread/otel';

/** OpenTelemetry's SDK with everything kept in memory, and pools instrumented with it. */
export class Telemetry {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader = new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 1e6 });
  readonly #meterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly #stop: () => void;
  readonly tracer: Tracer;

  constructor() {
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    this.tracer = tracerProvider.getTracer('test');
    this.#stop = instrument({ tracerProvider, meterProvider: this.#meterProvider });
  }

  get spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }
  forget(): void {
    this.#spans.reset();
  }

  /** The points of a metric, as it is now. */
  async points(name: string): Promise<{ readonly attributes: Attributes; readonly value: unknown }[]> {
    this.#metrics.reset();
    await this.#reader.forceFlush();
    const metrics = this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
    return metrics
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as { attributes: Attributes; value: unknown }[]);
  }

  /** Ends the instrumentation, and nothing else. */
  stop(): void {
    this.#stop();
  }
  async end(): Promise<void> {
    this.#stop();
    await this.#meterProvider.shutdown();
    context.disable();
    propagation.disable();
  }
}

export const startOf = ({ startTime }: ReadableSpan): number => hrTimeToMilliseconds(startTime);
export const endOf = ({ endTime }: ReadableSpan): number => hrTimeToMilliseconds(endTime);
