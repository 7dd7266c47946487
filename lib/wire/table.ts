import { IntegerColumn } from './integer-column.js';
import { readTexts, TextColumn } from './text-column.js';

/** The cells of one column: numbers without boxes where there are many of them. */
export type Cells = readonly unknown[] | Int32Array | Float64Array;
/** The same on its way: many texts as bytes. */
export type Column = Cells | Uint8Array;

/** What is sent with a message beside its own text. */
export interface Freight {
  /** Bytes that were a Buffer: structured clone makes a plain Uint8Array of one. */
  readonly buffers: Uint8Array[];
  /** Memory that goes over to the other thread instead of being copied. */
  readonly transfers: ArrayBuffer[];
}

/** From this many cells on a column of numbers is packed; few are read faster as they are. */
const MANY = 32;
/** From this many bytes on memory is transferred: a smaller one is copied in less time. */
const LARGE = 4096;

/** Makes a column ready to cross. The cells are the driver's, and nobody else's. Runs on the worker thread. */
export function packColumn(column: readonly unknown[] | TextColumn | IntegerColumn, freight: Freight): Column {
  if (column instanceof TextColumn) {
    const bytes = column.finish();
    freight.transfers.push(bytes.buffer);
    return bytes;
  }
  const cells = column instanceof IntegerColumn ? column.finish() : packCells(column, freight);
  if (ArrayBuffer.isView(cells) && cells.byteLength >= LARGE) freight.transfers.push(cells.buffer as ArrayBuffer);
  return cells;
}

function packCells(cells: readonly unknown[], freight: Freight): Cells {
  let allNumbers = cells.length >= MANY;
  let allIntegers = allNumbers;
  for (const cell of cells) {
    if (typeof cell === 'number') {
      // -0 would lose its sign.
      if (allIntegers && ((cell | 0) !== cell || Object.is(cell, -0))) allIntegers = false;
    } else {
      allNumbers = false;
      if (typeof cell === 'object' && cell !== null) load(cell as Uint8Array, freight);
    }
  }
  if (!allNumbers) return cells;
  const packed = allIntegers ? new Int32Array(cells.length) : new Float64Array(cells.length);
  // Given the cells at once, either asks a list that other values have been in too for each as for a property.
  for (let i = 0; i < cells.length; i++) packed[i] = cells[i] as number;
  return packed;
}

function load(bytes: Uint8Array, { buffers, transfers }: Freight): void {
  buffers.push(bytes);
  const { buffer, byteLength } = bytes;
  if (byteLength >= LARGE && byteLength === buffer.byteLength) transfers.push(buffer as ArrayBuffer);
}

/** Makes the Buffers of a message Buffers again: a message keeps one object one, so this is done in place. */
export function mendBuffers(buffers: readonly Uint8Array[]): void {
  for (const bytes of buffers) Object.setPrototypeOf(bytes, Buffer.prototype);
}

/** Makes texts of the columns that came as bytes, in place, and answers with those. Runs on the caller's thread. */
export function unpackTexts(columns: Column[]): (string | null)[][] {
  const unpacked: (string | null)[][] = [];
  for (const [i, column] of columns.entries()) {
    if (!(column instanceof Uint8Array)) continue;
    const texts = readTexts(column);
    columns[i] = texts;
    unpacked.push(texts);
  }
  return unpacked;
}

/** Makes objects of the rows from `start` to `end`, all of one hidden class. */
type Reader = (columns: readonly Cells[], start: number, end: number) => object[];

/** The columns of a statement, and how its rows become objects. Runs on the caller's thread. */
export class Shape {
  readonly width: number;
  readonly #names: readonly string[];
  #read: Reader | undefined;

  constructor(names: readonly string[]) {
    this.width = names.length;
    this.#names = names;
  }

  read(columns: readonly Cells[], start: number, end: number): object[] {
    this.#read ??= readerOf(this.#names);
    return this.#read(columns, start, end);
  }
}

/**
 * Code made of the names, as other drivers do: an object built name by name takes several times as long. By a constructor,
 * since V8 counts how much of what a literal makes stays alive: after some large answers it would place all rows among the
 * old objects, where those that nobody has any more keep their texts until the next full collection.
 */
function readerOf(names: readonly string[]): Reader {
  const values = names.map((_, i) => `v${i}`);
  const row = `new Row(${names.map((_, i) => `c${i}[i]`)})`;
  // A literal of one row is as long as it has to be: an array that grows takes place for seventeen.
  const code = `
    function Row(${values}) { ${names.map(assignment).join(' ')} }
    Row.prototype = Object.prototype;
    return (columns, start, end) => {
      ${names.map((_, i) => `const c${i} = columns[${i}];`).join(' ')}
      let i = start;
      if (end === start + 1) return [${row}];
      const rows = [];
      for (; i < end; i++) rows.push(${row});
      return rows;
    };`;
  try {
    return new Function(code)() as Reader;
  } catch {
    // Node was told to make no code of strings.
    return (columns, start, end) => {
      const rows: object[] = [];
      for (let i = start; i < end; i++) rows.push(Object.fromEntries(names.map((name, c) => [name, columns[c]?.[i]])));
      return rows;
    };
  }
}

/** Assigned, a name that all objects have could set their prototype, or do nothing where that is frozen. */
const assignment = (name: string, i: number): string =>
  name in Object.prototype
    ? `Object.defineProperty(this, ${JSON.stringify(name)}, { value: v${i}, writable: true, enumerable: true, configurable: true });`
    : `this[${JSON.stringify(name)}] = v${i};`;
