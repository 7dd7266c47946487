import { CallError } from '../errors.js';
import type { OpenLease } from '../lanes/lease.js';

/** One that is open, until it is told whether its work is kept. */
interface Savepoint {
  readonly name: string | symbol;
  /** The lease as it is within. */
  readonly lease: OpenLease;
  readonly end: (keeps: boolean) => Promise<void>;
}

/** Thrown to undo a savepoint; never reaches anybody. */
class Undone extends Error {}

/**
 * The named savepoints of a transaction. A name may come again: it is then the innermost one that is meant, as SQLite has it.
 * The database knows none of these names.
 */
export class Savepoints {
  readonly #lease: OpenLease;
  readonly #open: Savepoint[] = [];

  constructor(lease: OpenLease) {
    this.#lease = lease;
  }

  /** What is done now is done here: in the innermost savepoint. */
  get lease(): OpenLease {
    return this.#open.at(-1)?.lease ?? this.#lease;
  }

  async open(name: string | symbol): Promise<void> {
    this.#open.push(await openSavepoint(this.lease, name));
  }
  /** Keeps what was done since, also in those within it. */
  release(name: string | symbol): Promise<void> {
    return this.#endFrom(this.#find('releaseSavepoint', name), true);
  }
  /** Undoes what was done since; the savepoint is still there. */
  async rollbackTo(name: string | symbol): Promise<void> {
    await this.#endFrom(this.#find('rollbackToSavepoint', name), false);
    await this.open(name);
  }
  /** Before the transaction itself is ended: it is what tells whether it still lives. */
  async endAll(): Promise<void> {
    while (this.#open.length > 0) await this.#endFrom(this.#open.length - 1, true).catch(() => {});
  }

  async #endFrom(index: number, keeps: boolean): Promise<void> {
    while (this.#open.length > index) await this.#open.pop()?.end(keeps);
  }
  #find(method: string, name: string | symbol): number {
    const index = this.#open.findLastIndex((each) => each.name === name);
    if (index >= 0) return index;
    const names = this.#open.flatMap((each) => (typeof each.name === 'string' ? [`'${each.name}'`] : []));
    throw new CallError({
      call: `${method}('${String(name)}')`,
      problem: 'there is no savepoint of this name in the transaction',
      wayOut: names.length === 0 ? 'Make it first, with savepoint(name).' : `There are: ${names.join(', ')}.`,
    });
  }
}

/** A lease has savepoints that last as long as a function: here is one that lasts until it is told to end. */
function openSavepoint(outer: OpenLease, name: string | symbol): Promise<Savepoint> {
  return new Promise((resolve, reject) => {
    const done = outer.savepoint(async (lease) => {
      const keeps = await new Promise<boolean>((settle) => {
        const end = (keeps: boolean) => {
          settle(keeps);
          return done.catch(unlessUndone);
        };
        resolve({ name, lease, end });
      });
      if (!keeps) throw new Undone();
    });
    // Before it is open; later it is `end` that tells.
    done.catch(reject);
  });
}

function unlessUndone(error: unknown): void {
  if (!(error instanceof Undone)) throw error;
}
