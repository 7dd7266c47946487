const WRITTEN = 0;
const READ = 1;
/** Of the counts before the bytes. */
const HEAD = 8;

/**
 * Bytes on their way from one thread to another, in memory that both see. One thread writes, the other reads, and neither
 * waits here. The counts only grow, and wrap around as the numbers that hold them do.
 */
export class ByteRing {
  readonly #counts: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param size a power of two */
  constructor(buffer: SharedArrayBuffer, at: number, size: number) {
    this.#counts = new Int32Array(buffer, at, HEAD / 4);
    this.#bytes = new Uint8Array(buffer, at + HEAD, size);
  }

  /** How much memory a ring of this size takes. */
  static bytesOf(size: number): number {
    return HEAD + size;
  }

  /** How many bytes were written and not read yet. */
  get length(): number {
    return (Atomics.load(this.#counts, WRITTEN) - Atomics.load(this.#counts, READ)) | 0;
  }
  get isFull(): boolean {
    return this.length === this.#bytes.length;
  }
  get isHalfEmpty(): boolean {
    return this.length <= this.#bytes.length / 2;
  }

  /** Takes what there is room for, and says how much that is. The writing thread. */
  write(bytes: Uint8Array): number {
    const written = Atomics.load(this.#counts, WRITTEN);
    const length = Math.min(this.#bytes.length - this.length, bytes.length);
    const at = written & (this.#bytes.length - 1);
    const first = Math.min(length, this.#bytes.length - at);
    this.#bytes.set(bytes.subarray(0, first), at);
    if (length > first) this.#bytes.set(bytes.subarray(first, length), 0);
    Atomics.store(this.#counts, WRITTEN, (written + length) | 0);
    return length;
  }

  /** Moves what there is into `target`, as far as it goes, and says how much that is. The reading thread. */
  readInto(target: Uint8Array): number {
    const read = Atomics.load(this.#counts, READ);
    const length = Math.min(this.length, target.length);
    const at = read & (this.#bytes.length - 1);
    const first = Math.min(length, this.#bytes.length - at);
    target.set(this.#bytes.subarray(at, at + first));
    if (length > first) target.set(this.#bytes.subarray(0, length - first), first);
    Atomics.store(this.#counts, READ, (read + length) | 0);
    return length;
  }
}
