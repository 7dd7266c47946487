/**
 * A column of integers of 32 bits, collected in the memory that crosses: in a list each would be looked at again to be packed.
 * With a NULL among them it is a list. Runs on the worker thread.
 */
export class IntegerColumn {
  readonly #integers: Int32Array<ArrayBuffer>;
  #count = 0;
  #list: (number | null)[] | undefined;

  /** @param capacity how many it may take */
  constructor(capacity: number) {
    this.#integers = new Int32Array(capacity);
  }

  add(integer: number): void {
    if (this.#list === undefined) this.#integers[this.#count++] = integer;
    else this.#list.push(integer);
  }

  addNull(): void {
    this.#list ??= Array.from(this.#integers.subarray(0, this.#count));
    this.#list.push(null);
  }

  /** All of them. Nothing can be added any more. */
  finish(): Int32Array<ArrayBuffer> | (number | null)[] {
    return this.#list ?? this.#integers.slice(0, this.#count);
  }
}
