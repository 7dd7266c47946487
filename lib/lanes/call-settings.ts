import { optionError } from '../errors.js';
import type { CallOptions, RunOptions, StreamOptions } from '../plan/call-options.js';
import { type Isolation, readIsolation } from '../plan/isolation.js';
import { readFlag, readNumber, readObject, readSignal, readTime } from '../plan/option.js';

/** The options of a call with their defaults, checked. */
export interface CallSettings {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  /** The same of a stream, which has none unless one is given for it. */
  readonly streamTimeout: number;
  readonly queueTimeout: number;
  readonly retries: number;
  readonly transaction: boolean;
  readonly isolation: Isolation | undefined;
  /** The caller gets a report with the result. */
  readonly report: boolean;
}

const CALL_OPTIONS = ['signal', 'timeout', 'queueTimeout', 'retries', 'transaction', 'isolation', 'report'];
const STREAM_OPTIONS = ['signal', 'timeout', 'queueTimeout', 'isolation', 'idleTimeout', 'chunks'];

/** A call's options over others; the others where nothing is said. */
export function readCallOptions(given: CallOptions | undefined, others: CallSettings): CallSettings {
  if (given === undefined) return others;
  return settingsOf(readObject('The call options', given, CALL_OPTIONS) as CallOptions, others);
}

/** What `with` sets for the calls behind it. */
export function readDefaults(given: CallOptions, others: CallSettings): CallSettings {
  const settings = readCallOptions(given, others);
  if (!settings.report) return settings;
  const message = 'report is no default: it belongs to a single call, pool.run(…, { report: true }).';
  throw Object.assign(new TypeError(message), { code: 'OFFTHREAD_OPTION', option: 'report' });
}

/** What is said of a stream, over a call's options. */
export interface StreamSettings {
  readonly call: CallSettings;
  readonly idleTimeout: number;
  readonly inChunks: boolean;
}

/** A stream's options over a call's; it never runs again, and always in a transaction. */
export function readStreamOptions(given: StreamOptions | undefined, others: CallSettings): StreamSettings {
  const options = readObject('The options of a stream', given ?? {}, STREAM_OPTIONS) as StreamOptions;
  const { idleTimeout, chunks } = options;
  const call = settingsOf(options, others);
  return {
    call: { ...call, timeout: call.streamTimeout, retries: 0, transaction: true },
    idleTimeout: readTime('idleTimeout', idleTimeout, 30_000),
    inChunks: readFlag('chunks', chunks, false),
  };
}

function settingsOf(options: RunOptions<boolean>, others: CallSettings): CallSettings {
  const { timeout, queueTimeout, retries, transaction, isolation, report } = options;
  const signal = readSignal(options.signal);
  if (transaction !== undefined && transaction !== false)
    throw optionError('type', 'transaction', transaction, 'false, or left out');
  if (report !== undefined && typeof report !== 'boolean')
    throw optionError('type', 'report', report, 'true, or left out');
  return {
    signal:
      signal === undefined
        ? others.signal
        : others.signal === undefined || others.signal === signal
          ? signal
          : AbortSignal.any([others.signal, signal]),
    timeout: readTime('timeout', timeout, others.timeout),
    streamTimeout: readTime('timeout', timeout, others.streamTimeout),
    queueTimeout: readTime('queueTimeout', queueTimeout, others.queueTimeout),
    retries: readNumber('retries', retries, others.retries, 0),
    transaction: transaction ?? others.transaction,
    isolation: readIsolation('isolation', isolation) ?? others.isolation,
    report: report ?? false,
  };
}
