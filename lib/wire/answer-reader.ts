import { Code, type OnAnswer, type OnChunk } from './answer.js';
import { type ErrorClasses, type Fault, fromFault } from './fault.js';
import type { AnswersMessage } from './message.js';
import { fromPortable, type Mended } from './portable.js';
import { type Cells, type Column, mendBuffers, Shape, unpackTexts } from './table.js';

/** Unpacks them again. Runs on the caller's thread. */
export class AnswerReader {
  readonly #shapes: Shape[] = [];
  readonly #classes: ErrorClasses;
  readonly #onAnswer: OnAnswer;
  readonly #onChunk: OnChunk;
  /** What has arrived of answers in parts: rows, or the elements of long arrays. */
  readonly #parts = new Map<number, unknown[][]>();
  #items: readonly unknown[] = [];
  #at = 0;

  constructor(classes: ErrorClasses, onAnswer: OnAnswer, onChunk: OnChunk = () => {}) {
    this.#classes = classes;
    this.#onAnswer = onAnswer;
    this.#onChunk = onChunk;
  }

  read({ shapes, answers, buffers }: AnswersMessage): void {
    for (const [number, columns] of shapes) this.#shapes[number] = new Shape(columns);
    mendBuffers(buffers);
    this.#items = answers;
    this.#at = 0;
    while (this.#at < answers.length) this.#answer();
  }

  #next(): unknown {
    return this.#items[this.#at++];
  }

  #answer(): void {
    const kind = this.#next();
    if (kind === Code.table) return this.#table();
    const slot = this.#next() as number;
    switch (kind) {
      case Code.elements:
        append(this.#partsOf(slot), this.#next() as number, this.#next() as unknown[]);
        break;
      case Code.chunk:
        this.#chunk(slot);
        break;
      case Code.yields:
        this.#onChunk(slot, fromPortable(this.#next(), this.#next() as readonly Mended[] | undefined) as unknown[]);
        break;
      case Code.fault:
        this.#parts.delete(slot);
        this.#onAnswer(slot, 'rejected', fromFault(this.#next() as Fault, this.#classes));
        break;
      case Code.handedOn:
        this.#onAnswer(slot, 'handed-on', undefined);
        break;
      case Code.skipped:
        this.#parts.delete(slot);
        this.#onAnswer(slot, 'skipped', undefined);
        break;
      default:
        this.#onAnswer(slot, 'fulfilled', this.#value(kind, slot));
    }
  }

  #value(kind: unknown, slot: number): unknown {
    switch (kind) {
      case Code.changes:
        return { changes: this.#next(), insertId: this.#next() };
      case Code.updates:
        return { changes: this.#next(), insertId: this.#next(), changedRows: this.#next() };
      case Code.list:
        return Array.from({ length: this.#next() as number }, () => this.#listed());
      default: {
        const value = fromPortable(this.#next(), this.#next() as readonly Mended[] | undefined);
        const longArrays = this.#next() as unknown[][] | undefined;
        const parts = this.#parts.get(slot);
        if (parts !== undefined) for (const [i, array] of (longArrays ?? []).entries()) extend(array, parts[i] ?? []);
        this.#parts.delete(slot);
        return value;
      }
    }
  }

  /** One answer of a list, which is no fault. */
  #listed(): unknown {
    const kind = this.#next();
    if (kind !== Code.table) return this.#value(kind, this.#next() as number);
    let rows: unknown;
    this.#table((_slot, _outcome, told) => (rows = told));
    return rows;
  }

  #table(onAnswer = this.#onAnswer): void {
    const shape = this.#shapes[this.#next() as number] as Shape;
    const first = this.#next() as number;
    // Of rows a slot; their number alone where each has one.
    const counts = this.#next() as readonly number[] | number;
    const isOpen = this.#next() as boolean;
    const columns = this.#items.slice(this.#at, (this.#at += shape.width)) as Column[];
    const texts = unpackTexts(columns);
    const behind = first + (typeof counts === 'number' ? counts : counts.length);
    let start = 0;
    for (let slot = first; slot < behind; slot++) {
      const end = start + (typeof counts === 'number' ? 1 : (counts[slot - first] as number));
      const rows = shape.read(columns as Cells[], start, end);
      start = end;
      if (isOpen && slot === behind - 1) append(this.#partsOf(slot), 0, rows);
      else onAnswer(slot, 'fulfilled', this.#behindParts(slot, rows));
    }
    // V8 holds on to what it has deserialized until the collection after the next, and to the texts in it.
    for (const each of texts) each.length = 0;
  }

  #chunk(slot: number): void {
    const shape = this.#shapes[this.#next() as number] as Shape;
    const count = this.#next() as number;
    const columns = this.#items.slice(this.#at, (this.#at += shape.width)) as Cells[];
    this.#onChunk(slot, shape.read(columns, 0, count));
  }

  /** Rows behind those that came before. */
  #behindParts(slot: number, rows: unknown[]): unknown[] {
    const parts = this.#parts.size === 0 ? undefined : this.#parts.get(slot);
    if (parts === undefined) return rows;
    this.#parts.delete(slot);
    append(parts, 0, rows);
    return parts[0] as unknown[];
  }

  #partsOf(slot: number): unknown[][] {
    let parts = this.#parts.get(slot);
    if (parts === undefined) this.#parts.set(slot, (parts = []));
    return parts;
  }
}

function append(parts: unknown[][], index: number, more: unknown[]): void {
  const part = parts[index];
  if (part === undefined) parts[index] = more;
  else extend(part, more);
}

/** One by one: all of them as arguments could be more than the stack holds. */
function extend(array: unknown[], more: readonly unknown[]): void {
  for (const each of more) array.push(each);
}
