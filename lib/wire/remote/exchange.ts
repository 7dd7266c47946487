import type { MessagePort } from 'node:worker_threads';
import { NotPortableError, ObjectGoneError } from '../../errors.js';
import { Borrower } from './borrower.js';
import { connect } from './comlink.js';
import { type Origin, placeOf } from './face.js';
import { Loans } from './loans.js';
import { type Loan, type Parcel, pack, type Terms, unpack } from './parcel.js';
import { carryOut, describe, MODULE, type Reply, type Request } from './request.js';
import { kindOf, nameOfObject } from './traits.js';

/** What the other side can be asked. */
interface Counter {
  perform(slot: number, request: Request): Reply | Promise<Reply>;
  giveBack(id: number, count: number): void;
}

export interface ExchangeOptions {
  readonly port: MessagePort;
  /** Whether what leaves this side is lent rather than copied. */
  readonly isLent: (value: object) => boolean;
  /** Does what the other side asks. */
  readonly perform: (slot: number, request: Request) => Reply | Promise<Reply>;
  /** Where arguments may have been borrowed, beside here. */
  readonly alsoHome?: object;
  /** Where what is not lent is looked for: the exports of the module. */
  readonly exports?: { readonly name: string; readonly of: (path: readonly string[]) => object };
}

/** One side's half of what two threads have lent each other. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #loans = new Loans();
  readonly #theirs: Counter;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const ours: Counter = {
      perform: options.perform,
      giveBack: (id, count) => this.#loans.giveBack(id, count),
    };
    this.#theirs = connect<Counter>(options.port, ours) as unknown as Counter;
    // Each reading of a property makes a proxy of Comlink's.
    this.#perform = this.#theirs.perform;
    this.#giveBack = this.#theirs.giveBack;
  }
  readonly #perform: Counter['perform'];
  readonly #giveBack: Counter['giveBack'];

  /** Sends a request; nothing comes where the other thread ends before. */
  send(slot: number, request: Request): Promise<Reply> {
    return this.#perform(slot, request) as Promise<Reply>;
  }

  /** Does what was asked with what was lent from here. */
  carryOut(request: Request, borrower: Borrower): unknown {
    const args = this.unpack(request.args, borrower) as unknown[];
    return this.#carryOut(request, args);
  }

  #carryOut(request: Pick<Request, 'deed' | 'id' | 'path'>, args: readonly unknown[]): unknown {
    const { deed, id, path } = request;
    const { exports } = this.#options;
    if (id === MODULE && exports !== undefined) return carryOut(request, exports.of(path), exports.name, args);
    const root = this.#loans.get(id);
    if (root !== undefined) return carryOut(request, root, nameOfObject(root), args);
    throw new ObjectGoneError({ what: describe(deed, path, 'an object'), reason: 'it has been given back' });
  }

  pack(value: unknown, root: string, isLent = this.#options.isLent): Parcel {
    return pack(value, root, {
      lend: (each, path) => this.#lend(each, path, isLent),
      takeBack: (terms) => {
        if (terms.kind !== 'return') this.#loans.giveBack(terms.id, 1);
      },
    });
  }

  #lend(value: object, path: string, isLent: (value: object) => boolean): Terms | undefined {
    const place = placeOf(value);
    if (place !== undefined) {
      const { origin } = place;
      if (origin.home === this || origin.home === this.#options.alsoHome)
        return { kind: 'return', id: origin.id, path: place.path };
      throw new NotPortableError({
        path,
        found: `${origin.name}, which is on another thread`,
        wayOut: 'Objects meet only on the thread that they were made on.',
      });
    }
    if (!isLent(value)) return refuse(value, path);
    return { kind: kindOf(value), id: this.#loans.lend(value), name: nameOfObject(value) };
  }

  unpack(parcel: Parcel, borrower: Borrower): unknown {
    return unpack(parcel, (terms) => {
      if (terms.kind !== 'return') return borrower.borrow(terms);
      return this.#carryOut({ deed: 'get', id: terms.id, path: terms.path }, []);
    });
  }

  /** Faces for what the other side lends, each asked in the same way. */
  borrower(of: (loan: Loan) => Pick<Origin, 'name' | 'ask' | 'isCallback'>): Borrower {
    return new Borrower(
      (loan) => ({ ...of(loan), home: this, id: loan.id, isIterator: loan.kind === 'iterator' }),
      // Nobody waits for it, and a thread that is gone has nothing left.
      (id, count) => void this.#giveBack(id, count),
    );
  }
}

/** What is no data, and for which there is a better word here than for a unit. */
function refuse(value: object, path: string): undefined {
  if (typeof value === 'function') {
    const wayOut = 'Pass proxy(fn), of offthread: it is called where it is, by messages.';
    throw new NotPortableError({ path, found: `the function ${value.name || '(anonymous)'}`, wayOut });
  }
  if (value instanceof Promise) throw new NotPortableError({ path, found: 'a Promise', wayOut: 'Await it first.' });
}
