import { EntityStateError, PromiseResultError } from '../errors.js';
import type { Refused } from '../plan/detached.js';

/** A function's promise would outlive the transaction: it does not compile, and the message is the sentence. */
export type Sync<R> =
  R extends PromiseLike<unknown> ? Refused<'a unit is synchronous: remove async, and await outside of it'> : R;

/** A promise would go on after its transaction: an error, which rolls back. */
export function refusePromise(result: unknown, what: string): void {
  if (typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function') {
    // Its own rejection must not become an unhandled one beside the error that is told.
    const nothing = () => {};
    try {
      Reflect.apply(result.then, result, [nothing, nothing]);
    } catch {
      // That it returned a promise is all that there is to say.
    }
    throw new PromiseResultError({ unit: what });
  }
}

/** Of a generator nothing has run before it is asked for more, and that would be after its transaction. */
export function refuseGenerator(result: unknown, what: string): void {
  if (Object.prototype.toString.call(result) !== '[object Generator]') return;
  throw new EntityStateError({
    entity: what,
    problem: 'returned a generator, of which nothing has run yet',
    wayOut: 'Return an array.',
  });
}
