import type { MessagePort } from 'node:worker_threads';
import type { Connection, Watch } from '../lib/connection/connection.js';
import type { QueryLog } from '../lib/connection/query-log.js';
import { DatabaseError, LaneLostError } from '../lib/errors.js';
import { type CallPlan, nameOf } from '../lib/plan/plan.js';
import type { Answer } from '../lib/wire/answer.js';
import type { AnswerWriter } from '../lib/wire/answer-writer.js';
import { type Cell, State } from '../lib/wire/cell.js';
import { now } from '../lib/wire/clock.js';
import { toFault } from '../lib/wire/fault.js';
import type { Role } from '../lib/wire/message.js';
import type { Habits } from './habits.js';
import { Logs } from './logs.js';
import type { RegisteredUnit } from './unit.js';

/** Thrown where a caller has given up; never reaches anybody. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  override readonly message = 'Its caller has given up.';
}

/** What this thread serves with: its connection, its units, and the way back. */
export interface Lane {
  readonly role: Role;
  readonly connection: Connection;
  readonly units: ReadonlyMap<string, RegisteredUnit>;
  readonly cell: Cell;
  readonly focus: Focus;
  readonly answers: AnswerWriter;
  readonly port: MessagePort;
  readonly habits: Habits;
  /** Who has the lane for himself, and must not keep its transaction for ever while nobody reads his answers. */
  holder?: Patience | undefined;
}
interface Patience {
  /** Milliseconds. */
  left(): number;
  lose(): void;
}

/** Which plan the thread works on, and through it the connection's watch: it stops where that plan was cancelled. */
export class Focus implements Watch {
  readonly logs = new Logs();
  /** Of the plan that the thread works on. */
  log: QueryLog | undefined;
  isAlone = false;
  readonly #cell: Cell;
  #slot: number | undefined;
  #nesting = 0;
  /** Whatever is worked on, it must not go on for longer. */
  limit: { readonly at: number; readonly exceeded: () => Error } | undefined;

  constructor(cell: Cell) {
    this.#cell = cell;
  }
  on(slot: number): void {
    this.#slot = slot;
    const log = this.logs.of(slot);
    // It may be on already: whoever undoes its work looks at it anew.
    if (log !== undefined && log !== this.log) log.attempts++;
    this.log = log;
    this.#cell.begin(slot);
  }
  off(): void {
    this.#slot = undefined;
    this.log = undefined;
    this.#cell.rest();
  }
  /** What is done from now on is done to the end, also where the plan was given up: it is still the one that is worked on. */
  relax(): void {
    this.#slot = undefined;
  }
  check(): void {
    if (this.#slot === undefined) return;
    const state = this.#cell.stateOf(this.#slot);
    if (state === State.cancelled || state === State.recalled) {
      this.#cell.notice();
      throw new Cancelled();
    }
    if (this.limit !== undefined && now() >= this.limit.at) throw this.limit.exceeded();
  }
  commits(): () => void {
    const slot = this.#slot;
    // From here on nobody can say that nothing of it was committed.
    const isPast = slot !== undefined && this.#cell.move(slot, State.running, State.committing);
    if (!isPast) this.check();
    return () => {
      if (isPast) this.#cell.move(slot, State.committing, State.running);
    };
  }
  enter(): void {
    if (this.#nesting++ === 0) this.#cell.native(true);
  }
  leave(): void {
    if (--this.#nesting === 0) this.#cell.native(false);
  }
}

/** Begins a plan, unless its caller gave up or took it back before: then it is answered as skipped. */
export function claim(lane: Lane, slot: number, time?: number): boolean {
  if (lane.cell.claim(slot, time)) return true;
  answer(lane, slot, { kind: 'skipped' });
  return false;
}

/** The answer to what has no result: it was done. */
export const DONE: Answer = { kind: 'value', value: { value: undefined, mended: undefined, weight: 1 } };

/** Every plan that came in a batch is answered once: only then is its slot free again. */
export function answer(lane: Lane, slot: number, what: Answer): void {
  const { logs } = lane.focus;
  if (logs.isUsed) logs.close(slot);
  lane.answers.add(slot, what);
}

/** Sends what has been answered so far. */
export function post(lane: Lane): void {
  const { slots, isEmpty } = lane.answers;
  if (isEmpty) return;
  try {
    send(lane);
  } catch (error) {
    // Whatever could not be cloned, it must not take the neighbours' answers with it, nor the lane.
    for (const slot of slots) answer(lane, slot, { kind: 'fault', fault: toFault(error) });
    send(lane);
  }
}

/** Sends what was packed, which is no answer but a part of one: what cannot cross is its own error. */
export function send(lane: Lane): void {
  const { answers, habits, port, focus } = lane;
  const { message, transfers } = answers.take(habits.news(), focus.logs.done);
  port.postMessage(message, transfers);
  focus.logs.sent();
  if (message.turns > 0) awaitReader(lane, message.turns);
}

function awaitReader({ cell, holder }: Lane, turns: number): void {
  if (cell.awaitReader(turns, holder?.left())) return;
  holder?.lose();
  cell.awaitReading();
}

/** Whatever a unit may have left behind, the next one finds nothing of it. */
export function cleanUp({ connection }: Lane, hadRaw: boolean): void {
  if (hadRaw || !connection.isClean) connection.clean();
}

/** A unit had the raw connection and closed it: its own fault, and the end of this lane. */
export function refuseClosed({ connection }: Lane, plan: CallPlan): void {
  if (!connection.isOpen)
    throw new LaneLostError({ what: nameOf(plan), reason: 'it closed the connection of its lane' });
}
/** Ends the lane, whose answers have been given, so that another is opened in its place. */
export function endIfClosed({ connection }: Lane): void {
  if (!connection.isOpen) throw new Error('The connection of its lane is closed.');
}
/** Before work is begun: whoever waits here is served by another lane, and hears nothing of it. */
export function refuseUnfit({ connection }: Lane): void {
  if (!connection.isFit()) throw new Error('The server has closed the connection of its lane.');
}

/** Where a connection stood when a plan was begun on it. */
export interface Mark {
  readonly received: number | undefined;
  readonly time: number;
}
export const markOf = ({ connection }: Lane): Mark => ({ received: connection.received, time: now() });

/** A connection that is lost so soon, and without a word, was lost before: nobody had noticed. Milliseconds. */
const SOON = 100;

/** Whether a plan found its connection dead: nothing came of it, so that another lane may serve it. */
export function foundDead({ connection }: Lane, mark: Mark, error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.kind !== 'connection' || error.outcome === 'unknown') return false;
  return !connection.isOpen && connection.received === mark.received && now() - mark.time < SOON;
}
