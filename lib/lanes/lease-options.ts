import { optionError } from '../errors.js';
import type { LeaseOptions } from '../plan/lease.js';
import { readObject, readTime } from '../plan/option.js';
import type { LeasePlan } from '../plan/plan.js';
import { type CallSettings, readCallOptions } from './options.js';

/** The options of a lease with their defaults, checked. */
export interface LeaseSettings {
  readonly plan: LeasePlan;
  /** Of the call that takes it. */
  readonly taking: CallSettings;
  /** Of each call in it. */
  readonly within: CallSettings;
}

const LEASE_OPTIONS = ['signal', 'timeout', 'queueTimeout', 'isolation', 'access', 'idleTimeout', 'totalTimeout'];

export function readLeaseOptions(given: LeaseOptions | undefined, others: CallSettings): LeaseSettings {
  const { access, idleTimeout, totalTimeout, ...rest } = readObject(
    'The lease options',
    given ?? {},
    LEASE_OPTIONS,
  ) as LeaseOptions;
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
  return { plan, taking, within: { ...call, isolation: undefined } };
}
