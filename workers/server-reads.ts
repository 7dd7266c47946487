import type { Read, Rows } from '../lib/connection/connection.js';
import type { SentPlan } from '../lib/wire/batch.js';
import { State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import { runAlone } from './alone.js';
import { type Habit, mayTakeLong } from './habits.js';
import {
  answer,
  Cancelled,
  claim,
  cleanUp,
  endIfClosed,
  foundDead,
  type Lane,
  markOf,
  post,
  refuseUnfit,
} from './lane.js';

/**
 * Runs reads where each question is a way to a server and back: short queries go that way together, and all else by itself,
 * in a transaction of its own that can only read.
 */
export function runServerReads(lane: Lane, plans: readonly SentPlan[]): void {
  const { connection, role } = lane;
  if (role === 'both') connection.restrict('read');
  try {
    for (let start = 0; start < plans.length; ) {
      refuseUnfit(lane);
      const first = plans[start] as SentPlan;
      let end = start;
      while (end < plans.length && isShort(lane, plans[end] as SentPlan)) end++;
      if (end > start + 1) runTogether(lane, plans.slice(start, end));
      else if (claim(lane, first.slot)) runAlone(lane, first, 'read');
      post(lane);
      start = Math.max(end, start + 1);
    }
  } finally {
    if (role === 'both') connection.restrict('write');
  }
}

/** From here on a query goes by itself: those with it would have to wait for it. Milliseconds. */
const NOTABLE = 10;
const isShort = ({ habits, connection }: Lane, { plan, isolation }: SentPlan): boolean =>
  plan.kind === 'query' &&
  isolation === undefined &&
  !mayTakeLong(habits.of(plan), NOTABLE) &&
  connection.needsTransaction?.(plan.sql) !== true;

/** All of them are on their way at once. Each is claimed when it is its turn: until then the caller's thread may take it back. */
function runTogether(lane: Lane, plans: readonly SentPlan[]): void {
  const { connection, cell, focus, habits } = lane;
  const claimed = new Set<number>();
  let last: { readonly slot: number; readonly habit: Habit; readonly start: number } | undefined;
  /** Its answer is here, and nobody waits for the server because of it. */
  const finish = (time: number): void => {
    if (last === undefined) return;
    habits.ran(last.habit, time - last.start);
    cell.end(last.slot, time);
    cell.move(last.slot, State.running, State.committed);
    last = undefined;
  };
  const begin = (index: number): void => {
    const start = now();
    finish(start);
    const { slot, plan } = plans[index] as SentPlan;
    // Of one that another lane can still serve nothing is told here.
    if (!connection.isOpen || claimed.has(slot) || !claim(lane, slot, start)) return focus.off();
    claimed.add(slot);
    focus.on(slot);
    last = { slot, habit: habits.of(plan), start };
  };
  const mark = markOf(lane);
  const results =
    connection.readTogether?.(
      plans.map(({ plan }) => plan as Read),
      begin,
    ) ?? [];
  finish(now());
  focus.off();
  for (const [i, { slot }] of plans.entries()) {
    const result = results[i] as Rows | Error;
    if (!claimed.has(slot) || foundDead(lane, mark, result)) continue;
    if (focus.logs.isUsed) writeDown(lane, plans[i] as SentPlan, result);
    tell(lane, slot, result);
  }
  cleanUp(lane, false);
  endIfClosed(lane);
}

/** What went to the server together was not written down statement by statement. */
function writeDown({ cell, focus }: Lane, { slot, plan }: SentPlan, result: Rows | Error): void {
  const log = focus.logs.of(slot);
  if (log === undefined || plan.kind !== 'query' || result instanceof Cancelled) return;
  const query = log.begin(plan.sql, plan.parameters.length, cell.startOf(slot));
  const end = cell.endOf(slot);
  if (result instanceof Error) log.fail(query, result, end);
  else log.end(query, result.rows, end);
}

function tell(lane: Lane, slot: number, result: Rows | Error): void {
  const { cell, connection } = lane;
  if (cell.stateOf(slot) === State.cancelled || result instanceof Cancelled) answer(lane, slot, { kind: 'skipped' });
  else if (!(result instanceof Error)) answer(lane, slot, { kind: 'rows', rows: result });
  else answer(lane, slot, { kind: 'fault', fault: toFault(connection.toError(result)) });
}
