import { constants } from 'node:buffer';
import { deserialize, Serializer } from 'node:v8';

/** How V8 marks values in what it serializes: https://chromium.googlesource.com/v8/v8/+/main/src/objects/value-serializer.cc */
const Tag = { array: 0x41, arrayEnd: 0x24, letters: 0x22, twoByteLetters: 0x63, padding: 0, null: 0x30 } as const;

/** What the running V8 begins with: the version of its format. */
const VERSION = versionOf(new Serializer());
function versionOf(serializer: Serializer): Buffer {
  serializer.writeHeader();
  return serializer.releaseBuffer();
}

/** Room before the texts for the version and their number. */
const HEAD = 16;
/** The most that stands before a text, or behind the last one. */
const MOST_AROUND = 8;
const LONGEST = constants.MAX_STRING_LENGTH;
/** Where one of four bytes is no ASCII. */
const BEYOND_ASCII = 0x80808080 | 0;

/**
 * A column of texts as V8 serializes an array of strings, put together from the bytes that a server sent. They become strings
 * on the caller's thread, and not on this one, which would make each of them, read it again to send it, and drop it.
 */
export class TextColumn {
  #bytes: DataView<ArrayBuffer>;
  /** Its length, which V8 does not ask a view of without a call. */
  #capacity: number;
  #at = HEAD;
  #count = 0;

  /** @param capacity how many bytes it may take; it grows where they are more */
  constructor(capacity: number) {
    this.#capacity = HEAD + capacity + MOST_AROUND;
    this.#bytes = new DataView(new ArrayBuffer(this.#capacity));
  }

  /** Adds what stands there, in UTF-8. */
  add(source: DataView, from: number, to: number): void {
    const length = to - from;
    if (length > LONGEST) throw new RangeError(`A text of ${length} bytes is longer than a string can be.`);
    const start = this.#reserve(MOST_AROUND + length);
    const bytes = this.#bytes;
    let at = putVarint(bytes, start + 1, length);
    let all = 0;
    let i = from;
    // Four at a time: by single bytes it takes more than twice as long, and most texts are too short for a call of a buffer's.
    for (; i + 4 <= to; i += 4, at += 4) {
      const four = source.getInt32(i);
      all |= four;
      bytes.setInt32(at, four);
    }
    for (; i < to; i++, at++) {
      const one = source.getInt8(i);
      all |= one;
      bytes.setInt8(at, one);
    }
    if ((all & BEYOND_ASCII) !== 0) return this.#addBeyondAscii(source, from, to);
    bytes.setUint8(start, Tag.letters);
    this.#at = at;
    this.#count++;
  }

  #addBeyondAscii(source: DataView, from: number, to: number): void {
    const bytes = this.#bytes;
    const start = this.#at;
    const first = start + 1 + lengthOfVarint(to - from);
    let at = first;
    for (let i = from; i < to; at++) {
      const byte = source.getUint8(i++);
      if (byte < 0x80) bytes.setUint8(at, byte);
      else {
        const next = i < to ? source.getUint8(i++) : 0;
        // Of Latin-1 are the letters of two bytes whose first is one of these.
        if ((byte !== 0xc2 && byte !== 0xc3) || (next & 0xc0) !== 0x80) return this.#addDecoded(source, from, to);
        bytes.setUint8(at, ((byte & 3) << 6) | (next & 0x3f));
      }
    }
    bytes.setUint8(start, Tag.letters);
    putVarint(bytes, start + 1, at - first, first - start - 1);
    this.#at = at;
    this.#count++;
  }

  #addDecoded(source: DataView, from: number, to: number): void {
    const text = Buffer.from(source.buffer, source.byteOffset + from, to - from).toString();
    const size = 2 * text.length;
    let at = this.#reserve(MOST_AROUND + size);
    const bytes = this.#bytes;
    // V8 wants letters of two bytes at even places.
    if (((at + 1 + lengthOfVarint(size)) & 1) !== 0) bytes.setUint8(at++, Tag.padding);
    bytes.setUint8(at, Tag.twoByteLetters);
    at = putVarint(bytes, at + 1, size);
    Buffer.from(bytes.buffer).write(text, at, 'utf16le');
    this.#at = at + size;
    this.#count++;
  }

  addNull(): void {
    this.#bytes.setUint8(this.#reserve(1), Tag.null);
    this.#at++;
    this.#count++;
  }

  /** All of it. Nothing can be added any more. */
  finish(): Uint8Array<ArrayBuffer> {
    const end = this.#reserve(MOST_AROUND);
    const bytes = this.#bytes;
    bytes.setUint8(end, Tag.arrayEnd);
    bytes.setUint8(end + 1, 0);
    const behind = putVarint(bytes, end + 2, this.#count);
    const start = HEAD - VERSION.length - 1 - lengthOfVarint(this.#count);
    new Uint8Array(bytes.buffer).set(VERSION, start);
    bytes.setUint8(start + VERSION.length, Tag.array);
    putVarint(bytes, start + VERSION.length + 1, this.#count);
    return new Uint8Array(bytes.buffer, start, behind - start);
  }

  /** Makes room for so many bytes, and says where. */
  #reserve(more: number): number {
    const needed = this.#at + more;
    if (needed > this.#capacity) {
      this.#capacity = Math.max(needed, 2 * this.#capacity);
      const larger = new Uint8Array(this.#capacity);
      larger.set(new Uint8Array(this.#bytes.buffer, 0, this.#at));
      this.#bytes = new DataView(larger.buffer);
    }
    return this.#at;
  }
}

/** Seven bits a byte, and one that says whether there are more; as many bytes as there is room for. Answers with where it ends. */
function putVarint(bytes: DataView, start: number, value: number, room = 1): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f || at < start + room - 1; rest >>>= 7) bytes.setUint8(at++, (rest & 0x7f) | 0x80);
  bytes.setUint8(at++, rest);
  return at;
}
const lengthOfVarint = (value: number): number => (value === 0 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7));

/** The strings of a finished column. Runs on the caller's thread. */
export const readTexts = (column: Uint8Array): (string | null)[] => deserialize(column);

/** Whether the running V8 reads what is put together here as it is meant. */
export const hasTextColumns = (): boolean => (isReadAsMeant ??= isRead(SAMPLE));
let isReadAsMeant: boolean | undefined;
const SAMPLE = ['', 'text', 'größer', 'ä'.repeat(99), '🙂', 'or 🙂', '-'.repeat(200), null];
function isRead(texts: readonly (string | null)[]): boolean {
  const column = new TextColumn(0);
  for (const text of texts) {
    if (text === null) column.addNull();
    else {
      const bytes = new TextEncoder().encode(text);
      column.add(new DataView(bytes.buffer), 0, bytes.length);
    }
  }
  try {
    return JSON.stringify(readTexts(column.finish())) === JSON.stringify(texts);
  } catch {
    return false;
  }
}
