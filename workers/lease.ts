import { receiveMessageOnPort } from 'node:worker_threads';
import { heldTooLong, type LeasePlan } from '../lib/plan/plan.js';
import type { BatchReader, SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import type { ToLane } from '../lib/wire/message.js';
import { answer, claim, cleanUp, endIfClosed, type Lane, post, refuseUnfit } from './lane.js';
import { runWithin } from './lease-call.js';
import { endBy, type Lease, left, overdue, rollBack, SKIPPED, toAnswer } from './open-lease.js';

/**
 * Holds a transaction for one caller until he ends it, a limit is over or he is gone, and serves nobody else meanwhile. The
 * limits are kept here, so that they hold while the caller's thread hangs. Answers whether the lane was told to close meanwhile.
 */
export function runLease(lane: Lane, reader: BatchReader, sent: SentPlan<LeasePlan>): 'closed' | undefined {
  const { slot, plan } = sent;
  refuseUnfit(lane);
  if (!claim(lane, slot)) return undefined;
  const start = now();
  const lease: Lease = {
    lane,
    slot,
    plan,
    limit: start + plan.totalTimeout,
    restsSince: start,
    hadRaw: false,
    end: undefined,
  };
  const isRestricted = plan.access === 'read' && lane.role === 'both';
  if (isRestricted) lane.connection.restrict('read');
  try {
    begin(lease, sent);
    return lease.end === undefined ? serveHolder(lease, reader) : undefined;
  } finally {
    finish(lease);
    if (isRestricted) lane.connection.restrict('write');
    endIfClosed(lane);
  }
}

function begin(lease: Lease, { plan, isolation }: SentPlan<LeasePlan>): void {
  const { lane, slot, limit } = lease;
  const { connection, focus, port } = lane;
  focus.limit = { at: limit, exceeded: () => heldTooLong(plan) };
  focus.on(slot);
  try {
    focus.check();
    connection.begin(plan.access, isolation);
    lane.holder = { left: () => left(lease), lose: () => endBy(lease, overdue(lease)) };
    lease.restsSince = now();
    port.postMessage({ kind: 'taken', slot });
  } catch (error) {
    lease.end = toAnswer(lane, error);
  } finally {
    focus.off();
  }
}

function serveHolder(lease: Lease, reader: BatchReader): 'closed' | undefined {
  const { lane, slot } = lease;
  const { cell, port } = lane;
  for (;;) {
    cell.quiet();
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const message = received.message as ToLane;
      if (message.kind === 'close') return 'closed';
      const plans = reader.read(message);
      lane.focus.logs.expect(plans);
      for (const each of plans) runWithin(lease, each);
      // Whoever is told of its COMMIT finds the lane free: both go together.
      if (lease.end === undefined) post(lane);
      lease.restsSince = now();
    }
    if (lease.end !== undefined) return undefined;
    if (cell.stateOf(slot) === State.cancelled) lease.end = SKIPPED;
    else if (left(lease) <= 0) endBy(lease, overdue(lease));
    else cell.listen(left(lease));
    if (lease.end !== undefined) return undefined;
  }
}

/** Whatever is still open is undone; the lane is as it was for the next one. */
function finish(lease: Lease): void {
  const { lane, slot, hadRaw, end = SKIPPED } = lease;
  const { cell, focus } = lane;
  lane.holder = undefined;
  focus.limit = undefined;
  rollBack(lease);
  cleanUp(lane, hadRaw);
  cell.move(slot, State.running, State.committed);
  answer(lane, slot, end);
  post(lane);
}
