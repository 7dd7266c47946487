import { EntityStateError } from '../../errors.js';
import { valueIn } from '../mapping/mapping.js';
import { knownState } from '../state.js';

/** How often entities may change one another, and be asked again for that. */
const MOST_ROUNDS = 1_000;

/**
 * An entity's own word before it is written: it may throw, or set what follows from the rest. Says whether one was asked.
 *
 * @param validated the columns of each as it has left them: whoever is changed behind that is asked again
 */
export function validateAll(
  instances: readonly object[],
  validated: Map<object, readonly unknown[]>,
  round: number,
): boolean {
  let wasAsked = false;
  for (const instance of instances) {
    if (!('validate' in instance) || typeof instance.validate !== 'function') continue;
    const { mapping } = knownState(instance);
    const { columns } = mapping;
    const left = validated.get(instance);
    if (left !== undefined && columns.every((column, i) => Object.is(valueIn(instance, column), left[i]))) continue;
    if (round === MOST_ROUNDS)
      throw new EntityStateError({
        entity: mapping.name,
        problem: 'is changed again and again by what validate() of others does',
        wayOut: 'Let one of them decide.',
      });
    instance.validate();
    validated.set(
      instance,
      columns.map((column) => valueIn(instance, column)),
    );
    wasAsked = true;
  }
  return wasAsked;
}
