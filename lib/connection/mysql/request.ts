import { showSql, valueError } from '../../errors.js';
import { toTimestamp } from '../sqlite-value.js';

/** The longest content of one packet; what is longer goes on in the next. */
const LONGEST = 0xffffff;
const HEADER = 4;
const FIRST_SIZE = 1 << 14;
/** Memory beyond this is given back when it was sent. */
const LARGE_SIZE = 1 << 20;

const Command = { query: 3, ping: 14, initDb: 2, quit: 1, prepare: 22, execute: 23, close: 25, reset: 31 } as const;
const Type = { tiny: 1, double: 5, null: 6, longLong: 8, blob: 252, string: 253 } as const;
const UNSIGNED = 0x80;
const INT64 = 2n ** 63n;

/** Requests for the server, written one behind the other and sent together. */
export class Requests {
  bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  /** How much of `bytes` is written. */
  length = 0;
  /** Where the request begins that is being written. */
  #start = 0;

  query(sql: string): void {
    this.#begin(Command.query);
    this.#text(sql);
    this.#end();
  }
  prepare(sql: string): void {
    this.#begin(Command.prepare);
    this.#text(sql);
    this.#end();
  }
  /** Has no answer. */
  closeStatement(id: number): void {
    this.#begin(Command.close);
    this.#fourBytes(id);
    this.#end();
  }
  reset(): void {
    this.#begin(Command.reset);
    this.#end();
  }
  useDatabase(name: string): void {
    this.#begin(Command.initDb);
    this.#text(name);
    this.#end();
  }
  /** Has no answer. */
  quit(): void {
    this.#begin(Command.quit);
    this.#end();
  }

  /** A prepared statement with its values; throws, and takes the request back, where one is none that can be bound. */
  execute(id: number, parameters: readonly unknown[], sql: string): void {
    this.#begin(Command.execute);
    try {
      this.#execute(id, parameters, sql);
    } catch (error) {
      this.length = this.#start;
      throw error;
    }
    this.#end();
  }

  #execute(id: number, parameters: readonly unknown[], sql: string): void {
    const count = parameters.length;
    const nulls = this.length + 9;
    const types = nulls + ((count + 7) >> 3) + 1;
    this.#reserve(types + 2 * count - this.length);
    const head = this.bytes;
    head.writeUInt32LE(id, this.length);
    head[this.length + 4] = 0; // no cursor
    head.writeUInt32LE(1, this.length + 5);
    if (count === 0) {
      this.length += 9;
      return;
    }
    head.fill(0, nulls, types - 1);
    head[types - 1] = 1; // the types follow
    this.length = types + 2 * count;
    for (let i = 0; i < count; i++) {
      const type = this.#value(parameters[i], i, sql);
      const { bytes } = this;
      bytes[types + 2 * i] = type & 0xff;
      bytes[types + 2 * i + 1] = type >> 8;
      if (type === Type.null) bytes[nulls + (i >> 3)] = (bytes[nulls + (i >> 3)] as number) | (1 << (i & 7));
    }
  }

  /** Writes a value, and answers with its type; https://mariadb.com/kb/en/com_stmt_execute/ */
  #value(value: unknown, index: number, sql: string): number {
    switch (typeof value) {
      case 'string':
        this.#countedText(value, () => placeOf(index, sql));
        return Type.string;
      case 'number':
        return this.#number(value, index, sql);
      case 'boolean':
        this.#reserve(1);
        this.bytes[this.length++] = value ? 1 : 0;
        return Type.tiny;
      case 'bigint':
        return this.#bigint(value, index, sql);
      case 'object':
        if (value === null) return Type.null;
        if (value instanceof Uint8Array) {
          this.#count(value.length);
          this.#reserve(value.length);
          this.bytes.set(value, this.length);
          this.length += value.length;
          return Type.blob;
        }
        if (value instanceof Date) {
          this.#countedText(
            toTimestamp(value, () => placeOf(index, sql)),
            () => placeOf(index, sql),
          );
          return Type.string;
        }
        break;
      default:
    }
    throw valueError(placeOf(index, sql), value, 'a string, number, bigint, boolean, null, Date or Uint8Array');
  }

  #number(value: number, index: number, sql: string): number {
    this.#reserve(8);
    // The sign of zero is only a double's to keep.
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.bytes.writeInt32LE(value | 0, this.length);
      this.bytes.writeInt32LE(Math.floor(value / 2 ** 32), this.length + 4);
      this.length += 8;
      return Type.longLong;
    }
    if (!Number.isFinite(value))
      throw valueError(placeOf(index, sql), value, 'a number that MySQL has: no NaN or Infinity');
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    return Type.double;
  }

  #bigint(value: bigint, index: number, sql: string): number {
    if (value < -INT64 || value >= 2n * INT64)
      throw valueError(placeOf(index, sql), value, 'a bigint of 64 bits, signed or unsigned', 'range');
    this.#reserve(8);
    this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.length);
    this.length += 8;
    return value < INT64 ? Type.longLong : Type.longLong | (UNSIGNED << 8);
  }

  #begin(command: number): void {
    this.#start = this.length;
    this.#reserve(HEADER + 1);
    this.bytes[this.length + HEADER] = command;
    this.length += HEADER + 1;
  }

  #end(): void {
    const content = this.length - this.#start - HEADER;
    if (content < LONGEST) this.bytes.writeUInt32LE(content, this.#start);
    else this.#split(content);
  }

  /** Makes room for a header after every full packet; one that ends full is followed by an empty one. */
  #split(content: number): void {
    const packets = Math.floor(content / LONGEST);
    this.#reserve(packets * HEADER);
    const { bytes } = this;
    const from = this.#start + HEADER;
    for (let i = packets; i >= 0; i--) {
      const length = Math.min(LONGEST, content - i * LONGEST);
      const to = from + i * (LONGEST + HEADER);
      bytes.copyWithin(to, from + i * LONGEST, from + i * LONGEST + length);
      bytes.writeUInt32LE(length | ((i & 0xff) << 24), to - HEADER);
    }
    this.length += packets * HEADER;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(bytes, 0, 0, this.length);
    this.bytes = bytes;
  }

  /** What was written is sent, or not to be sent. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > LARGE_SIZE) this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  }

  #fourBytes(number: number): void {
    this.#reserve(4);
    this.bytes.writeUInt32LE(number, this.length);
    this.length += 4;
  }

  #text(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.length += this.bytes.write(text, this.length);
  }

  #countedText(text: string, place: () => string): void {
    const most = text.length * 3;
    const length = most < 0xfb ? most : Buffer.byteLength(text);
    this.#reserve(9 + length);
    if (length >= 0xfb) this.#count(length);
    const from = length >= 0xfb ? this.length : this.length + 1;
    const written = this.bytes.write(text, from);
    if (length < 0xfb) this.bytes[from - 1] = written;
    this.length = from + written;
    // It would be stored with a sign of replacement in its place, and nobody would know.
    if (written !== text.length && LONE_SURROGATE.test(text))
      throw valueError(place(), text, 'text without half of a surrogate pair');
  }

  #count(count: number): void {
    this.#reserve(9);
    const { bytes, length } = this;
    if (count < 0xfb) {
      bytes[length] = count;
      this.length += 1;
    } else if (count <= 0xffff) {
      bytes[length] = 0xfc;
      bytes.writeUInt16LE(count, length + 1);
      this.length += 3;
    } else if (count <= 0xffffff) {
      bytes[length] = 0xfd;
      bytes.writeUIntLE(count, length + 1, 3);
      this.length += 4;
    } else {
      bytes[length] = 0xfe;
      bytes.writeBigUInt64LE(BigInt(count), length + 1);
      this.length += 9;
    }
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const placeOf = (index: number, sql: string): string => `Parameter ${index + 1} of ${showSql(sql)}`;
