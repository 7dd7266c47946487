import type { RawTable } from '../../wire/answer.js';
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
  readonly #readCells: typeof readBinaryCells;
  readonly #full: RawTable[] = [];
  #open: OpenTable | undefined;
  #hasFew = true;

  constructor(columns: Columns, isText: boolean) {
    this.#columns = columns;
    this.#readCells = isText ? readTextCells : readBinaryCells;
  }

  take({ buffer, offset, end }: Packet): void {
    this.#open ??= this.#begin();
    const table = this.#open;
    this.#readCells(buffer, offset, this.#columns, table.cells);
    table.count++;
    table.weight += this.#columns.names.length + LETTERS * weightOfBytes(end - offset);
    if (table.weight < FULL_TABLE && (!this.#hasFew || table.count < FEW)) return;
    this.#full.push(this.#close(table));
    this.#hasFew = false;
  }

  /**
   * The next one that is complete.
   * @param hasEnded no more rows will come, so that what there is of the last one is all of it
   */
  next(hasEnded: boolean): RawTable | undefined {
    const table = this.#full.shift();
    if (table !== undefined || !hasEnded) return table;
    return this.#open && this.#close(this.#open);
  }

  #begin(): OpenTable {
    const { kinds } = this.#columns;
    const lists = kinds.map((kind) =>
      kind === Kind.text && !this.#hasFew && hasTextColumns() ? new TextColumn(ROOM) : [],
    );
    return { cells: toCells(lists, this.#columns), count: 0, weight: 0 };
  }
  #close({ cells, count, weight }: OpenTable): RawTable {
    this.#open = undefined;
    return { columns: this.#columns.names, cells: cells.lists, count, weight };
  }
}
