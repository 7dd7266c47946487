import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { DatabaseError } from '../errors.js';
import type { CallContext, LaneContext, QueryContext } from '../pool.js';
import { queryTextOf } from './query-text.js';

/** Attributes by OpenTelemetry's conventions for SQL: https://opentelemetry.io/docs/specs/semconv/db/sql/ */
export function attributesOfQuery({ sql, parameters, lane }: QueryContext): Attributes {
  const { text, summary } = queryTextOf(sql, parameters, lane.system);
  return { ...attributesOfServer(lane), 'db.query.summary': summary, 'db.query.text': text };
}

function attributesOfServer({ system, namespace, address, port }: LaneContext): Attributes {
  return {
    'db.system.name': system,
    ...(namespace !== undefined && { 'db.namespace': namespace }),
    ...(address !== undefined && { 'server.address': address }),
    ...(port !== undefined && { 'server.port': port }),
  };
}

/** The database's own code where it has one; else our code, or the error's name. Of messages nothing: they may hold values. */
export function attributesOfError(error: unknown): Attributes {
  if (error === undefined) return {};
  if (error instanceof DatabaseError && !error.code.startsWith('OFFTHREAD_')) {
    const code = error.errno === undefined ? error.code : String(error.errno);
    return { 'error.type': code, 'db.response.status_code': code };
  }
  return { 'error.type': typeOf(error) };
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('OFFTHREAD_') ? code : error.name;
}

/** Marks a span as failed. */
export function fail(span: Span, error: unknown): void {
  const attributes = attributesOfError(error);
  span.setAttributes(attributes);
  const what = error instanceof DatabaseError ? `${error.code} (${error.kind})` : attributes['error.type'];
  span.setStatus({ code: SpanStatusCode.ERROR, message: String(what) });
}

/** What there is to know of a call at its start, and what its lane has made of it. Times are in milliseconds. */
export function attributesOfCall({ kind, plan, pool, ...call }: CallContext): Attributes {
  const { lane, wait, run, attempts, queries, rows, lazyLoads } = call;
  const source = plan.kind === 'stream' ? plan.source : plan;
  return {
    'db.client.connection.pool.name': pool.name,
    'offthread.call.kind': kind,
    ...(source.kind === 'unit' && { 'offthread.unit': source.name }),
    ...(lane !== undefined && { 'offthread.lane.id': lane.id, 'offthread.lane.role': lane.role }),
    ...known({ wait, run, attempts, queries, rows, lazy_loads: lazyLoads }),
  };
}

function known(values: Readonly<Record<string, number | undefined>>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) attributes[`offthread.${name}`] = value;
  return attributes;
}
