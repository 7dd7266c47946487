import type { RawTable } from '../../wire/answer.js';
import { IntegerColumn } from '../../wire/integer-column.js';
import { hasTextColumns, TextColumn } from '../../wire/text-column.js';
import { FULL, FULL_TABLE, weightOfBytes } from '../../wire/weight.js';
import { type Columns, Kind } from './column.js';
import type { Packet } from './driver.js';
import { type Cells, readBinaryCells, readTextCells, toCells } from './row.js';

/** So many rows are sooner sent as they are, and most answers have no more. */
const FEW = 64;
/** Cells are made of a table in less time than of anything else; letters are not. */
const LETTERS = FULL_TABLE / FULL;
/** Bytes that a column of texts has room for at first. */
const ROOM = 1 << 14;

/** A table whose rows are still coming. */
interface OpenTable {
  readonly cells: Cells;
  count: number;
  weight: number;
}

/** Reads the rows of an answer by column, as tables that each fit into a message. Runs on the worker thread. */
export class TableReader {
  readonly #columns: Columns;
  readonly #isText: boolean;
  /** The few rows at first, until there are more behind them: until then nothing has to be sent, and all could be asked for again. */
  readonly #closed: RawTable[] = [];
  readonly #full: RawTable[] = [];
  #open: OpenTable | undefined;
  #hasFew = true;

  constructor(columns: Columns, isText: boolean) {
    this.#columns = columns;
    this.#isText = isText;
  }

  take({ buffer, offset, end }: Packet): void {
    this.#open ??= this.#begin();
    const table = this.#open;
    (this.#isText ? readTextCells : readBinaryCells)(buffer, offset, this.#columns, table.cells);
    table.count++;
    table.weight += this.#columns.names.length + LETTERS * weightOfBytes(end - offset);
    const isFull = table.weight >= FULL_TABLE;
    if (!isFull && (!this.#hasFew || table.count < FEW)) return;
    this.#close(table);
    if (isFull) this.#full.push(...this.#closed.splice(0));
  }

  /** The next one of those that fill a message. */
  next(): RawTable | undefined {
    return this.#full.shift();
  }
  /** What is left behind those, when no more rows come. */
  takeRest(): readonly RawTable[] {
    if (this.#open !== undefined) this.#close(this.#open);
    return this.#closed.splice(0);
  }

  #begin(): OpenTable {
    const lists = this.#columns.kinds.map((kind) => (this.#hasFew ? [] : this.#columnOf(kind)));
    return { cells: toCells(lists), count: 0, weight: 0 };
  }
  #columnOf(kind: Kind): RawTable['cells'][number] {
    if (kind === Kind.text && hasTextColumns()) return new TextColumn(ROOM);
    // In a packet of texts nothing holds an integer to 32 bits. Each row weighs one for each of its cells.
    if (kind === Kind.long && !this.#isText)
      return new IntegerColumn(Math.ceil(FULL_TABLE / this.#columns.names.length));
    return [];
  }
  #close({ cells, count, weight }: OpenTable): void {
    this.#closed.push({ columns: this.#columns.names, cells: cells.lists, count, weight });
    this.#open = undefined;
    this.#hasFew = false;
  }
}
