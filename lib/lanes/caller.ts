import { NoDatabaseError, NotStreamableError, PoolClosedError, UnknownUnitError } from '../errors.js';
import type { CallOptions, StreamOptions } from '../plan/call-options.js';
import type { DialectName } from '../plan/dialect.js';
import { nearest } from '../plan/nearest.js';
import { toParameters } from '../plan/parameter.js';
import {
  type AnyPlan,
  type CallPlan,
  listPlan,
  nameOf,
  type QueryPlan,
  type StreamPlan,
  type UnitPlan,
} from '../plan/plan.js';
import { notAPlan, toQueryPlan } from '../plan/query.js';
import type { UnitEntry } from '../wire/message.js';
import { toPortable } from '../wire/portable.js';
import { type Call, newCall } from './call.js';
import { type CallSettings, readCallOptions, readDefaults, readStreamOptions } from './call-settings.js';
import type { Journal } from './journal.js';
import { joinStack } from './stack.js';
import { Stream, type StreamDesk } from './stream.js';

/** Plans that were made here, and so checked: what looks like one may come from anywhere. */
const made = new WeakSet<object>();

/** What the callers of one pool share. */
export interface Shared {
  /** Where their calls go. */
  readonly submit: (call: Call<never>) => void;
  readonly entries: ReadonlyMap<string, UnitEntry>;
  /** Undefined where there is no database. */
  readonly dialect: DialectName | undefined;
  readonly streams: StreamDesk;
  readonly journal: Journal;
  isClosed: boolean;
}

/** Makes plans of what callers ask for, and promises of plans. */
export class Caller {
  readonly #shared: Shared;
  readonly #settings: CallSettings;
  #units: object | undefined;

  constructor(shared: Shared, settings: CallSettings) {
    this.#shared = shared;
    this.#settings = settings;
  }

  get dialect(): DialectName {
    const { dialect } = this.#shared;
    if (dialect === undefined) throw new NoDatabaseError({});
    return dialect;
  }

  /** The same with other options as defaults. */
  with(options: CallOptions): Caller {
    return new Caller(this.#shared, readDefaults(options, this.#settings));
  }

  /** Not an async function: that would be a promise more, and a frame kept for each call. */
  run(what: unknown, args?: unknown, more?: unknown): Promise<unknown> {
    const options = typeof what === 'string' ? more : args;
    try {
      const plan = this.#planOf(what, args);
      return this.#submit(plan, readCallOptions(options as CallOptions | undefined, this.#settings));
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }

  /** It begins when it is asked for its first row; what cannot be begun is refused now. */
  stream(what: unknown, args?: unknown, more?: unknown): Stream {
    const options = typeof what === 'string' ? more : args;
    try {
      const settings = readStreamOptions(options as StreamOptions | undefined, this.#settings);
      const source = typeof what === 'string' ? this.plan(what, args ?? []) : this.#partOf(what);
      if (source.kind === 'query' && source.access === 'write') throw refusedStream(source);
      const { idleTimeout, inChunks } = settings;
      const plan: StreamPlan = { kind: 'stream', source, idleTimeout, access: 'read' };
      this.#refuseClosed(plan);
      return this.#open(plan, settings.call, inChunks);
    } catch (error) {
      throw joinStack(error);
    }
  }

  #open(plan: StreamPlan, settings: CallSettings, inChunks: boolean): Stream {
    const { signal } = settings;
    const { journal, streams } = this.#shared;
    const begin = (onChunk: (chunk: unknown[]) => void) => {
      this.#refuseClosed(plan);
      signal?.throwIfAborted();
      const call = newCall(plan, settings, onChunk);
      journal.follow(call, () => streams.submit(call));
      return call;
    };
    return new Stream(streams, { begin, signal, inChunks });
  }

  #refuseClosed(plan: CallPlan): void {
    if (this.#shared.isClosed) throw new PoolClosedError({ what: nameOf(plan) });
  }

  /** What `run` would submit, for whoever does otherwise with it. */
  prepare(what: unknown, args?: unknown, more?: unknown): { readonly plan: AnyPlan; readonly settings: CallSettings } {
    const options = typeof what === 'string' ? more : args;
    const plan = this.#planOf(what, args);
    this.#refuseClosed(plan);
    return { plan, settings: readCallOptions(options as CallOptions | undefined, this.#settings) };
  }

  plan(name: string, args: unknown = []): UnitPlan {
    const entry = this.#shared.entries.get(name);
    if (entry === undefined)
      throw new UnknownUnitError({
        unit: String(name),
        nearest: nearest(String(name), this.#shared.entries.keys()),
        known: this.#shared.entries.size,
      });
    if (!Array.isArray(args))
      throw Object.assign(new TypeError(`The arguments of '${name}' are an array: pool.run('${name}', [ … ]).`), {
        code: 'OFFTHREAD_NOT_A_PLAN',
      });
    const { value, mended } = toPortable(args, `The arguments of '${name}'`, 'refuse');
    const plan: UnitPlan = Object.freeze({
      kind: 'unit',
      name,
      args: value as unknown[],
      mended,
      access: entry.access,
    });
    made.add(plan);
    return plan;
  }

  #planOf(what: unknown, args: unknown): AnyPlan {
    if (typeof what === 'string') return this.plan(what, args ?? []);
    // Not `map`, which passes over holes.
    if (Array.isArray(what)) return listPlan(Array.from(what, (each) => this.#partOf(each)));
    return this.#partOf(what);
  }
  #partOf(what: unknown): UnitPlan | QueryPlan {
    if (isUnitPlan(what)) return what;
    const plan = toQueryPlan(what, this.dialect);
    if (plan === undefined) throw notAPlan(what);
    const parameters = toParameters(plan.parameters, plan.sql);
    return parameters === plan.parameters ? plan : { ...plan, parameters };
  }

  #submit(plan: AnyPlan, settings: CallSettings): Promise<unknown> {
    this.#refuseClosed(plan);
    const { signal } = settings;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const call = newCall(plan, settings);
    const { journal } = this.#shared;
    if (journal.wants(call)) return journal.observe(call, () => this.#shared.submit(call));
    this.#shared.submit(call);
    return call.promise;
  }

  get units(): object {
    this.#units ??= this.#unitCalls();
    return this.#units;
  }

  #unitCalls(): object {
    const calls: Record<string, unknown> = Object.create(null);
    for (const { name, isGenerator } of this.#shared.entries.values()) {
      const path = name.split('.');
      const last = path.pop() as string;
      let at = calls;
      for (const step of path) at = (at[step] ??= Object.create(null)) as Record<string, unknown>;
      at[last] = isGenerator
        ? (...args: unknown[]) => this.stream(name, args)
        : (...args: unknown[]) => this.run(name, args);
    }
    return calls;
  }
}

const refusedStream = (source: QueryPlan): Error => {
  const name = nameOf(source);
  return new NotStreamableError({
    what: name.charAt(0).toUpperCase() + name.slice(1),
    reason: 'it writes, and a stream only reads',
    wayOut: 'Give it to run().',
  });
};

const isUnitPlan = (what: unknown): what is UnitPlan => made.has(what as object);
