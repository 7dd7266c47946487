import type { MappedRelation } from '../mapping/mapping.js';
import { knownState } from '../state.js';
import { Collection } from './collection.js';

/** What is at the other end of a relation of some instances, as far as it is loaded; each once. */
export function reachedBy({ name }: MappedRelation, instances: readonly object[]): object[] {
  const reached = new Set<object>();
  for (const instance of instances) {
    const value = knownState(instance).related?.get(name);
    if (value instanceof Collection) for (const member of value) reached.add(member);
    else if (value instanceof Object) reached.add(value);
  }
  return [...reached];
}

/** A relation of an instance is loaded anew when it is asked for. */
export function forgetRelation(collections: Set<Collection>, instance: object, name: string): void {
  const { related } = knownState(instance);
  const value = related?.get(name);
  if (value instanceof Collection) {
    collections.delete(value);
    // Whoever still holds it would change what nobody looks at any more.
    Object.freeze(value);
  }
  related?.delete(name);
}
