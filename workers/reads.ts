import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { toFault } from '../lib/wire/fault.js';
import { execute } from './execute.js';
import { answer, Cancelled, claim, type Lane, post } from './lane.js';

/** How old a snapshot may be for the next plan, and how long a finished read is kept before it is sent. Milliseconds. */
const SNAPSHOT_AGE = 5;
const EARLY = 1;

/**
 * Runs reads on one snapshot after another: plans that crossed together share one, since all of them were submitted
 * before it was taken.
 */
export function runReads(lane: Lane, plans: readonly SentPlan[]): void {
  const { connection, cell, focus } = lane;
  let taken = Number.NEGATIVE_INFINITY;
  let sent = performance.now();
  if (lane.role === 'both') connection.restrict('read');
  try {
    for (const { slot, plan } of plans) {
      if (!claim(lane, slot)) continue;
      focus.on(slot);
      try {
        if (!connection.inTransaction || performance.now() - taken > SNAPSHOT_AGE) {
          connection.rollback();
          connection.begin('read');
          taken = performance.now();
        }
        const result = execute(lane, plan, { access: 'read', beforeRaw: () => (taken = Number.NEGATIVE_INFINITY) });
        answer(lane, slot, cell.move(slot, State.running, State.committed) ? result : { kind: 'skipped' });
      } catch (error) {
        answer(
          lane,
          slot,
          error instanceof Cancelled
            ? { kind: 'skipped' }
            : { kind: 'fault', fault: toFault(connection.toError(error)) },
        );
      }
      focus.off();
      if (performance.now() - sent > EARLY) {
        post(lane);
        sent = performance.now();
      }
    }
  } finally {
    connection.rollback();
    if (lane.role === 'both') connection.restrict('write');
  }
}
