import { EntityStateError } from '../../errors.js';
import { valueIn } from '../mapping/mapping.js';
import { knownState } from '../state.js';

/** How often one may be asked, because others have changed it behind its own word. */
const MOST = 100;

/** The columns of one as it has left them, and how often it was asked. */
interface Word {
  readonly left: readonly unknown[];
  readonly times: number;
}
export type Words = Map<object, Word>;

/** An entity's own word before it is written: it may throw, or set what follows from the rest. Says whether one was asked. */
export function validateAll(instances: readonly object[], words: Words): boolean {
  let wasAsked = false;
  for (const instance of instances) {
    if (!('validate' in instance) || typeof instance.validate !== 'function') continue;
    const { columns, name } = knownState(instance).mapping;
    const { left, times } = words.get(instance) ?? { left: undefined, times: 0 };
    // Whoever is changed behind it is asked again.
    if (left !== undefined && columns.every((column, i) => Object.is(valueIn(instance, column), left[i]))) continue;
    if (times === MOST)
      throw new EntityStateError({
        entity: name,
        problem: 'is changed again and again by what validate() of others does',
        wayOut: 'Let one of them decide.',
      });
    instance.validate();
    words.set(instance, { left: columns.map((column) => valueIn(instance, column)), times: times + 1 });
    wasAsked = true;
  }
  return wasAsked;
}
