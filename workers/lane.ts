import type { MessagePort } from 'node:worker_threads';
import type { Connection, Watch } from '../lib/connection/connection.js';
import type { Answer, AnswerWriter } from '../lib/wire/answer.js';
import { type Cell, State } from '../lib/wire/cell.js';
import type { Role } from '../lib/wire/message.js';
import type { RegisteredUnit } from './registry.js';

/** Thrown where a caller has given up; never reaches anybody. */
export class Cancelled extends Error {}

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
}

/** From here on a unit is slow: it would keep the neighbours in its group waiting. Milliseconds, on average. */
const SLOW = 5;
/** How much a run counts against those before it. */
const WEIGHT = 0.25;

/** Which units run alone, so that no neighbour waits for them or loses its transaction to them. */
export class Habits {
  readonly #average = new Map<string, number>();
  readonly #raw = new Set<string>();

  ran(unit: string, milliseconds: number): void {
    const before = this.#average.get(unit) ?? 0;
    this.#average.set(unit, before + WEIGHT * (milliseconds - before));
  }
  /** It takes the raw connection. */
  tookRaw(unit: string): void {
    this.#raw.add(unit);
  }
  isLoner(unit: string): boolean {
    return this.#raw.has(unit) || (this.#average.get(unit) ?? 0) > SLOW;
  }
}

/** Which plan the thread works on, and through it the connection's watch: it stops where that plan was cancelled. */
export class Focus implements Watch {
  readonly #cell: Cell;
  #slot: number | undefined;

  constructor(cell: Cell) {
    this.#cell = cell;
  }
  on(slot: number): void {
    this.#slot = slot;
    this.#cell.begin(slot);
  }
  off(): void {
    this.#slot = undefined;
    this.#cell.rest();
  }
  check(): void {
    if (this.#slot !== undefined && this.#cell.stateOf(this.#slot) === State.cancelled) throw new Cancelled();
  }
  enter(): void {
    this.#cell.native(true);
  }
  leave(): void {
    this.#cell.native(false);
  }
}

/** Begins a plan, unless its caller gave up or took it back before: then it is answered as skipped. */
export function claim(lane: Lane, slot: number): boolean {
  if (lane.cell.move(slot, State.waiting, State.running)) return true;
  answer(lane, slot, { kind: 'skipped' });
  return false;
}

/** Every plan that came in a batch is answered once: only then is its slot free again. */
export function answer(lane: Lane, slot: number, what: Answer): void {
  lane.answers.add(slot, what);
}

/** Sends what has been answered so far. */
export function post(lane: Lane): void {
  if (!lane.answers.isEmpty) lane.port.postMessage(lane.answers.take());
}
