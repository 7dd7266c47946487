import type { Packet } from './driver.js';

/** How the value of a column is read. */
export const Kind = {
  null: 0,
  tiny: 1,
  unsignedTiny: 2,
  short: 3,
  unsignedShort: 4,
  long: 5,
  unsignedLong: 6,
  longLong: 7,
  unsignedLongLong: 8,
  float: 9,
  double: 10,
  bit: 11,
  date: 12,
  dateTime: 13,
  time: 14,
  text: 15,
  bytes: 16,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const UNSIGNED = 32;
const BINARY = 63;
/** Digits behind the second's point, where the server says a number that means "as many as there are". */
const MOST_DIGITS = 6;

/** What is known of the columns of an answer. */
export interface Columns {
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
  /** Digits behind the point of a second; undefined where they vary. */
  readonly digits: readonly (number | undefined)[];
  /** The packets that said so, to notice when they say something else. */
  readonly definitions: readonly Buffer[];
}
export const NO_COLUMNS: Columns = { names: [], kinds: [], digits: [], definitions: [] };

/** Collects the definitions of an answer's columns, and tells quickly that they are those of the last time. */
export class ColumnReader {
  #known: Columns;
  #fresh: Buffer[] | undefined;
  #count = 0;

  constructor(known: Columns) {
    this.#known = known;
  }

  take({ buffer, offset, end }: Packet): void {
    const at = this.#count++;
    if (this.#fresh === undefined) {
      const known = this.#known.definitions[at];
      if (known !== undefined && isSame(known, buffer, offset, end)) return;
      this.#fresh = this.#known.definitions.slice(0, at);
    }
    this.#fresh.push(Buffer.from(buffer.subarray(offset, end)));
  }

  /** All have come. */
  finish(): Columns {
    if (this.#fresh !== undefined || this.#count !== this.#known.definitions.length)
      this.#known = toColumns(this.#fresh ?? this.#known.definitions.slice(0, this.#count), this.#known);
    return this.#known;
  }
}

function isSame(known: Buffer, buffer: Buffer, offset: number, end: number): boolean {
  const length = end - offset;
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== buffer[offset + i]) return false;
  return true;
}

function toColumns(definitions: readonly Buffer[], before: Columns): Columns {
  const names = definitions.map(nameOf);
  // The same array while it says the same: whoever packs rows knows it by its identity.
  const isKnown = names.length === before.names.length && names.every((name, i) => name === before.names[i]);
  return {
    names: isKnown ? before.names : names,
    kinds: definitions.map(kindOf),
    digits: definitions.map((definition) => {
      const digits = definition.readUInt8(definition.length - 3);
      return digits <= MOST_DIGITS ? digits : undefined;
    }),
    definitions,
  };
}

/** Catalog, schema, table, its own name, and then the column's. */
function nameOf(definition: Buffer): string {
  let at = 0;
  for (let i = 0; i < 4; i++) at = endOfText(definition, at);
  const end = endOfText(definition, at);
  return definition.toString('utf8', startOfText(definition, at), end);
}
// No name is longer than 65,535 bytes.
const startOfText = (bytes: Buffer, at: number): number => at + (bytes[at] === 0xfc ? 3 : 1);
const endOfText = (bytes: Buffer, at: number): number =>
  startOfText(bytes, at) + (bytes[at] === 0xfc ? bytes.readUInt16LE(at + 1) : (bytes[at] as number));

/** The last twelve bytes: collation (2), length (4), type (1), flags (2), decimals (1) and two of nothing. */
function kindOf(definition: Buffer): Kind {
  const fixed = definition.length - 12;
  const isUnsigned = (definition.readUInt16LE(fixed + 7) & UNSIGNED) !== 0;
  switch (definition.readUInt8(fixed + 6)) {
    case 0x01:
      return isUnsigned ? Kind.unsignedTiny : Kind.tiny;
    case 0x02:
      return isUnsigned ? Kind.unsignedShort : Kind.short;
    case 0x0d: // YEAR
      return Kind.unsignedShort;
    case 0x03:
    case 0x09: // INT24
      return isUnsigned ? Kind.unsignedLong : Kind.long;
    case 0x08:
      return isUnsigned ? Kind.unsignedLongLong : Kind.longLong;
    case 0x04:
      return Kind.float;
    case 0x05:
      return Kind.double;
    case 0x06:
      return Kind.null;
    case 0x10:
      return Kind.bit;
    case 0x0a:
    case 0x0e:
      return Kind.date;
    case 0x07:
    case 0x0c:
      return Kind.dateTime;
    case 0x0b:
      return Kind.time;
    case 0x00:
    case 0xf5: // JSON
    case 0xf6: // DECIMAL
      return Kind.text;
    default:
      return definition.readUInt16LE(fixed) === BINARY ? Kind.bytes : Kind.text;
  }
}
