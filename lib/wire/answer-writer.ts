import type { Changes } from '../plan/changes.js';
import { type Answer, Code, INSIDE, type RawRows, type RawTable } from './answer.js';
import type { AnswersMessage } from './message.js';
import type { LongArray, Portable } from './portable.js';
import { packColumn } from './table.js';
import { FULL, weightOf } from './weight.js';

const MAX_SHAPES = 10_000;

/**
 * Packs answers: rows by column, those of one statement together, and its names only once. Runs on the worker thread.
 */
export class AnswerWriter {
  readonly #onFull: () => void;
  #numbers = new WeakMap<readonly string[], number>();
  readonly #numbersByText = new Map<string, number>();
  #shapes: [number, readonly string[]][] = [];
  #answers: unknown[] = [];
  #slots: number[] = [];
  #weight = 0;
  #freight = { buffers: [] as Uint8Array[], transfers: [] as ArrayBuffer[] };
  /** The rows of one statement for slots one after another, not yet among the answers. */
  #names: readonly string[] | undefined;
  #first = INSIDE;
  #counts: number[] = [];
  #columns: RawTable['cells'] = [];

  /** @param onFull takes what there is so far: more of it would keep the other side busy for too long */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  /** Whose answers are packed and not taken yet. */
  get slots(): readonly number[] {
    return this.#slots;
  }
  get isEmpty(): boolean {
    return this.#answers.length === 0 && this.#names === undefined;
  }

  add(slot: number, answer: Answer): void {
    this.#slots.push(slot);
    this.#add(slot, answer);
    if (this.#weight >= FULL) this.#onFull();
  }

  /** Rows of an answer that is still to come. */
  addPart(slot: number, table: RawTable): void {
    this.#addTable(slot, table);
    this.#closeTable(true);
    if (this.#weight >= FULL) this.#onFull();
  }

  #add(slot: number, answer: Answer): void {
    if (answer.kind === 'rows') return this.#addRows(slot, answer.rows);
    if (answer.kind === 'table') return this.#addTable(slot, answer.table);
    this.#closeTable(false);
    const out = this.#answers;
    this.#weight++;
    switch (answer.kind) {
      case 'value':
        this.#addValue(slot, answer.value);
        break;
      case 'changes':
        addChanges(out, slot, answer.changes);
        break;
      case 'list':
        out.push(Code.list, slot, answer.answers.length);
        for (const each of answer.answers) {
          this.#add(INSIDE, each);
          this.#closeTable(false);
        }
        break;
      case 'fault':
        out.push(Code.fault, slot, answer.fault);
        break;
      case 'handed-on':
        out.push(Code.handedOn, slot);
        break;
      case 'skipped':
        out.push(Code.skipped, slot);
        break;
      default:
        answer satisfies never;
    }
  }

  #addRows(slot: number, { columns, rows }: RawRows): void {
    if (columns !== this.#names || slot !== this.#first + this.#counts.length) this.#openTable(columns, slot);
    let count = 0;
    for (const row of rows) {
      // A list has to arrive in one piece, since its parts have no slot of their own.
      if (this.#weight >= FULL && slot !== INSIDE) {
        this.#counts.push(count);
        this.#closeTable(true);
        this.#onFull();
        this.#openTable(columns, slot);
        count = 0;
      }
      this.#addRow(row);
      count++;
    }
    this.#counts.push(count);
  }

  #addTable(slot: number, { columns, cells, count, weight }: RawTable): void {
    this.#openTable(columns, slot);
    this.#columns = cells;
    this.#counts.push(count);
    this.#weight += weight;
  }

  /** A part of a stream, by itself in a message. */
  addChunk(slot: number, { columns, rows }: RawRows): void {
    this.#closeTable(false);
    this.#answers.push(Code.chunk, slot, this.#numberOf(columns), rows.length);
    for (let i = 0; i < columns.length; i++) {
      const cells: unknown[] = [];
      for (const row of rows) {
        cells.push(row[i]);
        this.#weight += weightOf(row[i]);
      }
      this.#answers.push(packColumn(cells, this.#freight));
    }
  }
  addYields(slot: number, values: readonly Portable[]): void {
    this.#closeTable(false);
    const mended = values.flatMap((each) => each.mended ?? []);
    for (const { weight } of values) this.#weight += weight;
    this.#answers.push(
      Code.yields,
      slot,
      values.map(({ value }) => value),
      mended.length > 0 ? mended : undefined,
    );
  }

  #addRow(row: readonly unknown[]): void {
    for (let i = 0; i < row.length; i++) {
      this.#weight += weightOf(row[i]);
      (this.#columns[i] as unknown[]).push(row[i]);
    }
  }

  #openTable(names: readonly string[], first: number): void {
    this.#closeTable(false);
    this.#names = names;
    this.#first = first;
    this.#columns = names.map(() => []);
  }

  /** @param isOpen of the last slot there are more rows to come */
  #closeTable(isOpen: boolean): void {
    const names = this.#names;
    if (names === undefined) return;
    const counts = this.#counts.every((each) => each === 1) ? this.#counts.length : this.#counts;
    this.#answers.push(Code.table, this.#numberOf(names), this.#first, counts, isOpen);
    for (const column of this.#columns) this.#answers.push(packColumn(column, this.#freight));
    this.#names = undefined;
    this.#counts = [];
  }

  #addValue(slot: number, { value, mended, weight, longArrays }: Portable): void {
    // A list has to arrive in one piece, as said above.
    if (longArrays !== undefined && slot !== INSIDE) {
      for (const [index, array] of longArrays.entries()) this.#addElements(slot, index, array);
    } else {
      this.#weight += weight;
    }
    this.#answers.push(
      Code.value,
      slot,
      value,
      mended,
      longArrays?.map(({ elements }) => elements),
    );
  }

  /** The elements of a long array go before the value around it, into which they are put back. */
  #addElements(slot: number, index: number, { elements, weight }: LongArray): void {
    const all = elements.splice(0);
    const most = Math.ceil((FULL * all.length) / weight);
    for (let start = 0; start < all.length; start += most) {
      const part = all.slice(start, start + most);
      this.#answers.push(Code.elements, slot, index, part);
      this.#weight += (weight * part.length) / all.length;
      if (this.#weight >= FULL) this.#onFull();
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

  /** What is packed, and what of it is transferred. */
  take(
    costs: AnswersMessage['costs'],
    records?: AnswersMessage['records'],
  ): { message: AnswersMessage; transfers: ArrayBuffer[] } {
    this.#closeTable(false);
    const { buffers, transfers } = this.#freight;
    const turns = Math.floor(this.#weight / FULL);
    const message = {
      kind: 'answers',
      shapes: this.#shapes,
      answers: this.#answers,
      buffers,
      turns,
      costs,
      records,
    } as const;
    this.#shapes = [];
    this.#answers = [];
    this.#slots = [];
    this.#weight = 0;
    this.#freight = { buffers: [], transfers: [] };
    // Between two messages the numbers may start anew: what is sent again replaces what the other side knew.
    if (this.#numbersByText.size > MAX_SHAPES) {
      this.#numbersByText.clear();
      this.#numbers = new WeakMap();
    }
    return { message, transfers };
  }
}

function addChanges(out: unknown[], slot: number, { changes, insertId, changedRows }: Changes): void {
  if (changedRows === undefined) out.push(Code.changes, slot, changes, insertId);
  else out.push(Code.updates, slot, changes, insertId, changedRows);
}
