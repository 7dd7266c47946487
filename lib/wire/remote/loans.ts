interface Entry {
  readonly value: object;
  /** How often it was sent, and not given back. */
  count: number;
}

/** What this thread has lent to the other, by number, until it is given back as often as it was sent. */
export class Loans {
  readonly #entries = new Map<number, Entry>();
  readonly #ids = new Map<object, number>();
  #last = 0;

  /** Another sending of it; answers its number. */
  lend(value: object): number {
    const known = this.#ids.get(value);
    if (known !== undefined) {
      (this.#entries.get(known) as Entry).count++;
      return known;
    }
    const id = ++this.#last;
    this.#entries.set(id, { value, count: 1 });
    this.#ids.set(value, id);
    return id;
  }

  get(id: number): object | undefined {
    return this.#entries.get(id)?.value;
  }

  /** The other thread has forgotten what came with so many sendings; one that is under way keeps it. */
  giveBack(id: number, count: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || (entry.count -= count) > 0) return;
    this.#entries.delete(id);
    this.#ids.delete(entry.value);
  }
}
