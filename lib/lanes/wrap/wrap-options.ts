import { optionError } from '../../errors.js';
import { readNumber, readObject, readSignal, readTime } from '../../plan/option.js';
import type { WrapOptions } from '../../plan/wrapped.js';

/** What is said of calls, checked. */
export interface WrapSettings {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
}

const MOST = 64;

/** @throws TypeError | RangeError that names the option, the value and what is allowed */
export function readWrapOptions(given: WrapOptions = {}): WrapSettings & { readonly lanes: number | undefined } {
  const known = ['lanes', 'signal', 'timeout', 'queueTimeout'];
  const { lanes, signal, timeout, queueTimeout } = readObject('pool.wrap()', given, known) as WrapOptions;
  const count = lanes === undefined ? undefined : readNumber('lanes', lanes, 1, 1);
  if (count !== undefined && count > MOST) throw optionError('range', 'lanes', count, `at most ${MOST}`);
  return {
    lanes: count,
    signal: readSignal(signal),
    timeout: readTime('timeout', timeout, Number.POSITIVE_INFINITY),
    queueTimeout: readTime('queueTimeout', queueTimeout, Number.POSITIVE_INFINITY),
  };
}
