import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { toFault } from '../lib/wire/fault.js';
import { execute } from './execute.js';
import { answer, Cancelled, claim, endIfClosed, habitOf, type Lane, post, refuseClosed } from './lane.js';

/** How old a snapshot may be for the next plan, and how long a finished read is kept before it is sent. Milliseconds. */
const SNAPSHOT_AGE = 5;
const EARLY = 1;

/**
 * Runs reads on one snapshot after another: plans that crossed together share one, since all of them were submitted
 * before it was taken.
 */
export function runReads(lane: Lane, plans: readonly SentPlan[]): void {
  const { connection, habits, role } = lane;
  const snapshot = { taken: Number.NEGATIVE_INFINITY };
  let sent = performance.now();
  if (role === 'both') connection.restrict('read');
  try {
    for (const each of plans) {
      // What is ready does not wait for what may take long, nor for all the small ones that are still to come.
      if (performance.now() - sent > EARLY || habits.mayTakeLong(habitOf(each.plan))) {
        post(lane);
        sent = performance.now();
      }
      if (claim(lane, each.slot)) runRead(lane, each, snapshot);
    }
  } finally {
    connection.rollback();
    if (role === 'both') connection.restrict('write');
  }
}

function runRead(lane: Lane, { slot, plan }: SentPlan, snapshot: { taken: number }): void {
  const { connection, cell, focus } = lane;
  let hadRaw = false;
  focus.on(slot);
  try {
    if (!connection.inTransaction || performance.now() - snapshot.taken > SNAPSHOT_AGE) {
      connection.rollback();
      connection.begin('read');
      snapshot.taken = performance.now();
    }
    const result = execute(lane, plan, { access: 'read', beforeRaw: () => (hadRaw = true) });
    refuseClosed(lane, plan);
    answer(lane, slot, cell.move(slot, State.running, State.committed) ? result : { kind: 'skipped' });
  } catch (error) {
    const isGivenUp = error instanceof Cancelled;
    answer(lane, slot, isGivenUp ? { kind: 'skipped' } : { kind: 'fault', fault: toFault(connection.toError(error)) });
  }
  if (hadRaw) connection.clean();
  focus.off();
  endIfClosed(lane);
}
