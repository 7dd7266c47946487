import type { Changes } from '../plan/runner.js';
import { Cursor } from './batch.js';
import { type ErrorClasses, type Fault, fromFault } from './fault.js';
import type { AnswersMessage } from './message.js';
import { fromPortable, type Mended, type Portable, setOwn } from './portable.js';

const VALUE = 0;
const ROWS = 1;
const CHANGES = 2;
const LIST = 3;
const FAULT = 4;
const HANDED_ON = 5;
const SKIPPED = 6;

const MAX_SHAPES = 10_000;

/** Rows as the driver has them, with the names of their columns. */
export interface RawRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What became of a plan, on the worker's side. */
export type Answer =
  | { readonly kind: 'value'; readonly value: Portable }
  | { readonly kind: 'rows'; readonly rows: RawRows }
  | { readonly kind: 'changes'; readonly changes: Changes }
  | { readonly kind: 'list'; readonly answers: readonly Answer[] }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Not executed: it is no read, and belongs to the writer. */
  | { readonly kind: 'handed-on' }
  /** Not executed, or undone: the caller had given up, or taken it back. */
  | { readonly kind: 'skipped' };

/** Packs answers: flat, and each statement's columns only once. Runs on the worker thread. */
export class AnswerWriter {
  #numbers = new WeakMap<readonly string[], number>();
  readonly #numbersByText = new Map<string, number>();
  #shapes: [number, readonly string[]][] = [];
  #answers: unknown[] = [];
  #slots: number[] = [];

  /** Whose answers are packed and not taken yet. */
  get slots(): readonly number[] {
    return this.#slots;
  }

  add(slot: number, answer: Answer): void {
    this.#slots.push(slot);
    this.#answers.push(slot);
    this.#add(answer);
  }

  #add(answer: Answer): void {
    const out = this.#answers;
    switch (answer.kind) {
      case 'value':
        out.push(VALUE, answer.value.value, answer.value.mended);
        break;
      case 'rows':
        out.push(ROWS, this.#numberOf(answer.rows.columns), answer.rows.rows.length);
        for (const row of answer.rows.rows) for (const cell of row) out.push(cell);
        break;
      case 'changes':
        out.push(CHANGES, answer.changes.changes, answer.changes.insertId);
        break;
      case 'list':
        out.push(LIST, answer.answers.length);
        for (const each of answer.answers) this.#add(each);
        break;
      case 'fault':
        out.push(FAULT, answer.fault);
        break;
      case 'handed-on':
        out.push(HANDED_ON);
        break;
      case 'skipped':
        out.push(SKIPPED);
        break;
      default:
        answer satisfies never;
    }
  }

  #numberOf(columns: readonly string[]): number {
    let number = this.#numbers.get(columns);
    if (number === undefined) {
      // Few statements have columns of their own; those that say the same share a number.
      const key = JSON.stringify(columns);
      number = this.#numbersByText.get(key) ?? this.#numbersByText.size;
      if (number === this.#numbersByText.size) this.#shapes.push([number, columns]);
      this.#numbersByText.set(key, number);
      this.#numbers.set(columns, number);
    }
    return number;
  }

  take(): AnswersMessage {
    const message: AnswersMessage = { kind: 'answers', shapes: this.#shapes, answers: this.#answers };
    this.#shapes = [];
    this.#answers = [];
    this.#slots = [];
    // Between two messages the numbers may start anew: what is sent again replaces what the other side knew.
    if (this.#numbersByText.size > MAX_SHAPES) {
      this.#numbersByText.clear();
      this.#numbers = new WeakMap();
    }
    return message;
  }
}

/** What a caller is told. */
export type Settlement =
  | { readonly kind: 'fulfilled'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly reason: unknown }
  | { readonly kind: 'handed-on' }
  | { readonly kind: 'skipped' };

/** Unpacks them again. Runs on the caller's thread. */
export class AnswerReader {
  readonly #shapes: (readonly string[])[] = [];
  readonly #classes: ErrorClasses;

  constructor(classes: ErrorClasses) {
    this.#classes = classes;
  }

  *read(message: AnswersMessage): Generator<[slot: number, settlement: Settlement]> {
    for (const [number, columns] of message.shapes) this.#shapes[number] = columns;
    const cursor = new Cursor(message.answers);
    while (!cursor.done) yield [cursor.next() as number, this.#settlement(cursor)];
  }

  #settlement(cursor: Cursor): Settlement {
    const kind = cursor.next();
    if (kind === FAULT) return { kind: 'rejected', reason: fromFault(cursor.next() as Fault, this.#classes) };
    if (kind === HANDED_ON) return { kind: 'handed-on' };
    if (kind === SKIPPED) return { kind: 'skipped' };
    return { kind: 'fulfilled', value: this.#value(kind, cursor) };
  }

  #value(kind: unknown, cursor: Cursor): unknown {
    switch (kind) {
      case ROWS: {
        const columns = this.#shapes[cursor.next() as number] as readonly string[];
        return Array.from({ length: cursor.next() as number }, () => toRow(columns, cursor));
      }
      case CHANGES:
        return { changes: cursor.next(), insertId: cursor.next() };
      case LIST:
        return Array.from({ length: cursor.next() as number }, () => this.#value(cursor.next(), cursor));
      default:
        return fromPortable(cursor.next(), cursor.next() as readonly Mended[] | undefined);
    }
  }
}

function toRow(columns: readonly string[], cursor: Cursor): object {
  const row = {};
  for (const column of columns) {
    const cell = cursor.next();
    setOwn(row, column, cell instanceof Uint8Array ? Object.setPrototypeOf(cell, Buffer.prototype) : cell);
  }
  return row;
}
