import type { RawTable } from '../../wire/answer.js';
import { IntegerColumn } from '../../wire/integer-column.js';
import { TextColumn } from '../../wire/text-column.js';
import type { RawRow } from '../connection.js';
import { type Columns, Kind } from './column.js';

// Where the next value begins. One reader is at work at a time, and an object to carry it would be made for every row.
let at = 0;

/** A row of a prepared statement: a bit for each NULL, and the other values one after the other. */
export function readBinaryRow(bytes: Buffer, offset: number, columns: Columns): RawRow {
  const count = beginRow(offset, columns);
  const row: RawRow = new Array(count);
  for (let i = 0; i < count; i++) row[i] = isNull(bytes, offset, i) ? null : readCell(bytes, columns, i);
  return row;
}
/** The same, each value to those of its column. */
export function readBinaryCells(bytes: Buffer, offset: number, columns: Columns, cells: Cells): void {
  const count = beginRow(offset, columns);
  const { lists, ways } = cells;
  const view = viewOf(bytes);
  // Of a million values most are read here: what all readers share would be looked up and written back for each.
  let here = at;
  for (let i = 0; i < count; i++) {
    const way = ways[i];
    if (isNull(bytes, offset, i)) addNull(cells, i);
    else if (way === Way.text && (bytes[here] as number) <= SHORT) {
      const from = here + 1;
      here = from + (bytes[here] as number);
      (lists[i] as TextColumn).add(view, from, here);
    } else if (way === Way.long) {
      (lists[i] as IntegerColumn).add(view.getInt32(here, true));
      here += 4;
    } else {
      at = here;
      if (way === Way.text) forwardText(bytes, lists[i] as TextColumn);
      else (lists[i] as unknown[]).push(readCell(bytes, columns, i));
      here = at;
    }
  }
}
/** The longest value whose length is a single byte. */
const SHORT = 0xfa;

/** How a value is added to those of its column. */
const Way = { any: 0, text: 1, long: 2 } as const;
/** Those of some rows, by column. What each column is stands beside them: to ask it of itself for each value takes longer than most values do. */
export interface Cells {
  readonly lists: RawTable['cells'];
  readonly ways: Uint8Array;
}
export function toCells(lists: Cells['lists']): Cells {
  const wayOf = (list: Cells['lists'][number]): number => {
    if (list instanceof TextColumn) return Way.text;
    return list instanceof IntegerColumn ? Way.long : Way.any;
  };
  return { lists, ways: Uint8Array.from(lists, wayOf) };
}
function addNull({ lists, ways }: Cells, i: number): void {
  if (ways[i] === Way.any) (lists[i] as unknown[]).push(null);
  else (lists[i] as TextColumn | IntegerColumn).addNull();
}

function beginRow(offset: number, { kinds }: Columns): number {
  const count = kinds.length;
  at = offset + 1 + ((count + 9) >> 3);
  return count;
}
const isNull = (bytes: Buffer, offset: number, i: number): boolean =>
  ((bytes[offset + 1 + ((i + 2) >> 3)] as number) & (1 << ((i + 2) & 7))) !== 0;
const readCell = (bytes: Buffer, { kinds, digits }: Columns, i: number): unknown =>
  readValue(bytes, kinds[i] as Kind, digits[i]);

function readValue(bytes: Buffer, kind: Kind, digits: number | undefined): unknown {
  switch (kind) {
    case Kind.long:
      at += 4;
      return bytes.readInt32LE(at - 4);
    case Kind.unsignedLong:
      at += 4;
      return bytes.readUInt32LE(at - 4);
    case Kind.longLong:
      at += 8;
      return toInteger(bytes.readUInt32LE(at - 8), bytes.readInt32LE(at - 4));
    case Kind.unsignedLongLong:
      at += 8;
      return toInteger(bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4));
    case Kind.text:
      return readText(bytes);
    case Kind.bytes:
      return readBytes(bytes);
    case Kind.tiny:
      return bytes.readInt8(at++);
    case Kind.unsignedTiny:
      return bytes[at++];
    case Kind.short:
      at += 2;
      return bytes.readInt16LE(at - 2);
    case Kind.unsignedShort:
      at += 2;
      return bytes.readUInt16LE(at - 2);
    case Kind.float:
      at += 4;
      return bytes.readFloatLE(at - 4);
    case Kind.double:
      at += 8;
      return bytes.readDoubleLE(at - 8);
    case Kind.bit:
      return readBits(bytes);
    case Kind.date:
      return readDateTime(bytes, false, 0);
    case Kind.dateTime:
      return readDateTime(bytes, true, digits);
    case Kind.time:
      return readTime(bytes, digits);
    case Kind.null:
      return null;
    default:
      return kind satisfies never;
  }
}

const TWO_32 = 2 ** 32;
/** A number wherever a number holds it exactly. */
function toInteger(low: number, high: number): number | bigint {
  const number = high * TWO_32 + low;
  return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low);
}

/** A length as the protocol writes it; `at` stands behind it then. */
function readLength(bytes: Buffer): number {
  const first = bytes[at++] as number;
  if (first <= SHORT) return first;
  if (first === 0xfc) {
    at += 2;
    return bytes.readUInt16LE(at - 2);
  }
  if (first === 0xfd) {
    at += 3;
    return bytes.readUIntLE(at - 3, 3);
  }
  at += 8;
  return bytes.readUInt32LE(at - 4) * TWO_32 + bytes.readUInt32LE(at - 8);
}

/** A number of the protocol's own: of changed rows, or an id. */
export function readCount(bytes: Buffer, offset: number): number | bigint {
  at = offset;
  if (bytes[at] !== 0xfe) return readLength(bytes);
  at += 9;
  return toInteger(bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4));
}
/** Where the value ends that was read last. */
export const endOfValue = (): number => at;

/** Up to this many ASCII letters are put together here, since a call of the buffer's own costs more. */
const FEW_LETTERS = 16;
function readText(bytes: Buffer): string {
  const length = readLength(bytes);
  const from = at;
  at += length;
  if (length <= FEW_LETTERS) {
    let text = '';
    let i = from;
    for (; i < at; i++) {
      const letter = bytes[i] as number;
      if (letter > 127) break;
      text += LETTERS[letter];
    }
    if (i === at) return text;
  }
  return bytes.toString('utf8', from, at);
}
const LETTERS = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

function forwardText(bytes: Buffer, column: TextColumn): void {
  const length = readLength(bytes);
  at += length;
  column.add(viewOf(bytes), at - length, at);
}

// Of what came last from the server: another one for each text would take longer than the text.
let viewed: Buffer | undefined;
let view: DataView;
function viewOf(bytes: Buffer): DataView {
  if (viewed !== bytes) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}

/** A copy: what it was read from is read into again. */
function readBytes(bytes: Buffer): Buffer {
  const length = readLength(bytes);
  at += length;
  const copy = Buffer.allocUnsafeSlow(length);
  bytes.copy(copy, 0, at - length, at);
  return copy;
}

function readBits(bytes: Buffer): number | bigint {
  const end = readLength(bytes) + at;
  let high = 0;
  let low = 0;
  for (; at < end; at++) {
    high = ((high << 8) | (low >>> 24)) >>> 0;
    low = ((low << 8) | (bytes[at] as number)) >>> 0;
  }
  return toInteger(low, high);
}

const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

function readDateTime(bytes: Buffer, hasTime: boolean, digits: number | undefined): string {
  const length = bytes[at] as number;
  const from = at + 1;
  at = from + length;
  const date =
    length === 0
      ? '0000-00-00'
      : `${String(bytes.readUInt16LE(from)).padStart(4, '0')}-${TWO[bytes[from + 2] as number]}-${TWO[bytes[from + 3] as number]}`;
  if (!hasTime) return date;
  const time =
    length < 7
      ? '00:00:00'
      : `${TWO[bytes[from + 4] as number]}:${TWO[bytes[from + 5] as number]}:${TWO[bytes[from + 6] as number]}`;
  return `${date} ${time}${fraction(length < 11 ? 0 : bytes.readUInt32LE(from + 7), digits)}`;
}

function readTime(bytes: Buffer, digits: number | undefined): string {
  const length = bytes[at] as number;
  const from = at + 1;
  at = from + length;
  if (length === 0) return `00:00:00${fraction(0, digits)}`;
  const hours = bytes.readUInt32LE(from + 1) * 24 + (bytes[from + 5] as number);
  const sign = bytes[from] === 1 ? '-' : '';
  const time = `${sign}${TWO[hours] ?? hours}:${TWO[bytes[from + 6] as number]}:${TWO[bytes[from + 7] as number]}`;
  return time + fraction(length < 12 ? 0 : bytes.readUInt32LE(from + 8), digits);
}

function fraction(microseconds: number, digits: number | undefined): string {
  if (digits === 0) return '';
  if (digits === undefined) return microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
  return `.${String(microseconds).padStart(6, '0').slice(0, digits)}`;
}

/** A row of the text protocol: every value as text, or a byte that stands for NULL. */
export function readTextRow(bytes: Buffer, offset: number, { kinds }: Columns): RawRow {
  at = offset;
  return kinds.map((kind) => {
    if (bytes[at] !== NULL) return readTextValue(bytes, kind);
    at++;
    return null;
  });
}
/** The same, each value to those of its column. */
export function readTextCells(bytes: Buffer, offset: number, { kinds }: Columns, cells: Cells): void {
  at = offset;
  const { lists, ways } = cells;
  for (let i = 0; i < lists.length; i++) {
    if (bytes[at] === NULL) {
      at++;
      addNull(cells, i);
    } else if (ways[i] === Way.text) forwardText(bytes, lists[i] as TextColumn);
    else (lists[i] as unknown[]).push(readTextValue(bytes, kinds[i] as Kind));
  }
}
const NULL = 0xfb;

function readTextValue(bytes: Buffer, kind: Kind): unknown {
  switch (kind) {
    case Kind.text:
    case Kind.date:
    case Kind.dateTime:
    case Kind.time:
      return readText(bytes);
    case Kind.bytes:
      return readBytes(bytes);
    case Kind.bit:
      return readBits(bytes);
    case Kind.double:
      return Number(readText(bytes));
    case Kind.float:
      return Math.fround(Number(readText(bytes)));
    case Kind.null:
      readText(bytes);
      return null;
    default: {
      const text = readText(bytes);
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
  }
}
