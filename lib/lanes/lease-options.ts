import { optionError } from '../errors.js';
import type { TransactionOptions } from '../plan/lease.js';
import { readNumber, readObject, readTime } from '../plan/option.js';
import type { LeasePlan } from '../plan/plan.js';
import { type CallSettings, readCallOptions } from './call-settings.js';

/** The options of a lease with their defaults, checked. */
export interface LeaseSettings {
  readonly plan: LeasePlan;
  /** Of the call that takes it. */
  readonly taking: CallSettings;
  /** Of each call in it. */
  readonly within: CallSettings;
  /** How often `transaction(fn)` may begin again. */
  readonly retries: number;
}

const LEASE_OPTIONS = ['signal', 'timeout', 'queueTimeout', 'isolation', 'access', 'idleTimeout', 'totalTimeout'];
const TRANSACTION_OPTIONS = [...LEASE_OPTIONS, 'retries'];

export function readLeaseOptions(
  given: TransactionOptions | undefined,
  others: CallSettings,
  of: 'lease' | 'transaction',
): LeaseSettings {
  const { access, idleTimeout, totalTimeout, retries, ...rest } = readObject(
    `The ${of} options`,
    given ?? {},
    of === 'lease' ? LEASE_OPTIONS : TRANSACTION_OPTIONS,
  ) as TransactionOptions;
  if (access !== undefined && access !== 'read' && access !== 'write')
    throw optionError('range', 'access', access, "'read' or 'write'");
  const call = { ...readCallOptions(rest, others), transaction: true, retries: 0 };
  const plan: LeasePlan = {
    kind: 'lease',
    access: access ?? 'write',
    idleTimeout: readTime('idleTimeout', idleTimeout, 30_000),
    totalTimeout: readTime('totalTimeout', totalTimeout, 60_000),
  };
  const taking = { ...call, timeout: plan.totalTimeout };
  return { plan, taking, within: { ...call, isolation: undefined }, retries: readNumber('retries', retries, 0, 0) };
}
