import { ReadOnlyError } from '../lib/errors.js';
import type { Answer } from '../lib/wire/answer.js';
import { State } from '../lib/wire/cell.js';
import { toFault } from '../lib/wire/fault.js';
import type { SentStream } from './chunks.js';
import {
  answer,
  Cancelled,
  claim,
  cleanUp,
  DONE,
  endIfClosed,
  foundDead,
  type Lane,
  markOf,
  post,
  refuseClosed,
  refuseUnfit,
} from './lane.js';
import { produce } from './produce.js';

/** Runs a stream in a transaction of its own that can only read. Until its end the lane serves nobody else. */
export function runStream(lane: Lane, stream: SentStream): void {
  const { connection, focus, role } = lane;
  refuseUnfit(lane);
  if (!claim(lane, stream.slot)) return;
  const mark = markOf(lane);
  let hadRaw = false;
  let outcome: Answer | 'given back';
  focus.on(stream.slot);
  if (role === 'both') connection.restrict('read');
  try {
    focus.check();
    connection.begin('read', stream.isolation);
    produce(lane, stream, () => (hadRaw = true));
    refuseClosed(lane, stream.plan);
    outcome = DONE;
  } catch (error) {
    const told = connection.toError(error);
    outcome = foundDead(lane, mark, told) ? 'given back' : failed(lane, stream, told);
  } finally {
    focus.relax();
    connection.rollback();
    if (role === 'both') connection.restrict('write');
    cleanUp(lane, hadRaw);
  }
  // Only when it is answered is it no longer worked on: a thread that died in between would have it run again, from its start.
  if (outcome !== 'given back') answer(lane, stream.slot, outcome);
  post(lane);
  focus.off();
  endIfClosed(lane);
}

/** The same in a transaction that is there already, and goes on behind it. */
export function runStreamWithin(lane: Lane, stream: SentStream, beforeRaw: () => void): Answer {
  try {
    produce(lane, stream, beforeRaw);
    return DONE;
  } catch (error) {
    if (isLeft(lane, stream, error)) return DONE;
    throw explain(error);
  }
}

/** Whoever wants no more of it is told that it is done; who gave it up knows already. */
function failed(lane: Lane, stream: SentStream, error: unknown): Answer {
  if (!(error instanceof Cancelled)) return { kind: 'fault', fault: toFault(explain(error)) };
  return isLeft(lane, stream, error) ? DONE : { kind: 'skipped' };
}
const isLeft = ({ cell }: Lane, { slot }: SentStream, error: unknown): boolean =>
  error instanceof Cancelled && cell.stateOf(slot) === State.recalled;

function explain(error: unknown): unknown {
  if (!(error instanceof ReadOnlyError)) return error;
  const { what, wrote } = error;
  return new ReadOnlyError({ what, wrote, wayOut: 'Call it with run(): a stream only reads.' }, { cause: error });
}
