import { ObjectGoneError } from '../../errors.js';
import { faceOf, type Origin } from './face.js';
import type { Loan } from './parcel.js';
import { describe } from './request.js';

interface Held {
  readonly id: number;
  readonly face: WeakRef<object>;
  /** How often it has arrived. */
  count: number;
}

/** The faces of what the other thread has lent: one for each thing as long as that one is used, given back when it is not. */
export class Borrower {
  readonly #held = new Map<number, Held>();
  readonly #newOrigin: (loan: Loan) => Omit<Origin, 'dispose'>;
  readonly #giveBack: (id: number, count: number) => void;
  readonly #forgotten = new FinalizationRegistry<Held>((held) => this.#release(held));

  constructor(newOrigin: (loan: Loan) => Omit<Origin, 'dispose'>, giveBack: (id: number, count: number) => void) {
    this.#newOrigin = newOrigin;
    this.#giveBack = giveBack;
  }

  borrow(loan: Loan): object {
    const known = this.#held.get(loan.id);
    const same = known?.face.deref();
    if (known !== undefined && same !== undefined) {
      known.count++;
      return same;
    }
    const origin = this.#newOrigin(loan);
    let disposal: Promise<unknown> | undefined;
    const face = faceOf({
      ...origin,
      ask: (deed, path, args) => {
        if (disposal === undefined) return origin.ask(deed, path, args);
        const what = describe(deed, path, origin.name);
        return Promise.reject(new ObjectGoneError({ what, reason: 'it has been disposed of' }));
      },
      dispose: () => {
        disposal ??= origin.ask('dispose', [], []);
        this.#release(held);
        return disposal;
      },
    });
    const held: Held = { id: loan.id, face: new WeakRef(face), count: 1 };
    this.#held.set(loan.id, held);
    this.#forgotten.register(face, held, held);
    return face;
  }

  #release(held: Held): void {
    if (held.count === 0) return;
    if (this.#held.get(held.id) === held) this.#held.delete(held.id);
    this.#forgotten.unregister(held);
    this.#giveBack(held.id, held.count);
    held.count = 0;
  }
}
