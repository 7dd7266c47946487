import {
  type Context,
  context as contexts,
  propagation,
  type Span,
  SpanKind,
  type Tracer,
  trace as traces,
} from '@opentelemetry/api';
import type { CallContext, PlanOutline, QueryContext } from '../pool.js';
import { attributesOfCall, attributesOfError, attributesOfQuery, fail } from './attributes.js';
import { queryTextOf } from './query-text.js';

/** Makes spans of what the channels say: a call's below whatever is active where it is made, and each of its queries' below that. */
export class Spans {
  readonly #tracer: Tracer;
  readonly #calls = new WeakMap<CallContext, { readonly span: Span; readonly within: Context }>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  callStarted(call: CallContext): void {
    const active = contexts.active();
    const options = { kind: SpanKind.INTERNAL, startTime: call.start, attributes: attributesOfCall(call) };
    const span = this.#tracer.startSpan(nameOf(call), options, active);
    const within = traces.setSpan(active, span);
    this.#calls.set(call, { span, within });
    const trace: Record<string, string> = { ...call.trace };
    propagation.inject(within, trace);
    call.trace = trace;
  }

  /** It is over by now, on the lane: its span is made with the times that the lane has told. */
  queryEnded(query: QueryContext): void {
    const call = this.#calls.get(query.call);
    if (call === undefined) return;
    const attributes = { ...attributesOfQuery(query), ...attributesOfError(query.error) };
    const name = queryTextOf(query.sql, query.parameters, query.lane.system).summary || query.lane.system;
    const options = { kind: SpanKind.CLIENT, startTime: query.start, attributes };
    const span = this.#tracer.startSpan(name, options, call.within);
    if (query.error !== undefined) fail(span, query.error);
    span.end(query.start + query.duration);
  }

  callEnded(call: CallContext): void {
    const span = this.#calls.get(call)?.span;
    if (span === undefined) return;
    span.setAttributes(attributesOfCall(call));
    if (call.error !== undefined) fail(span, call.error);
    span.end(call.start + (call.duration ?? 0));
  }
}

function nameOf({ plan }: CallContext): string {
  switch (plan.kind) {
    case 'unit':
    case 'query':
      return `${plan.kind} ${shortNameOf(plan)}`.trimEnd();
    case 'stream':
      return `stream ${shortNameOf(plan.source)}`.trimEnd();
    default:
      return plan.kind;
  }
}
function shortNameOf(plan: PlanOutline): string {
  if (plan.kind === 'unit') return plan.name;
  return plan.kind === 'query' ? queryTextOf(plan.sql, 1, 'sqlite').summary : plan.kind;
}
