import { SessionEndedError, valueError } from '../../errors.js';
import { type InstanceState, stateOf } from '../state.js';
import { assignOne, collectionOf } from './both-sides.js';
import { Collection } from './collection.js';

/** The property of a relation, for the prototype of its entity: the first read loads it. */
export function relationProperty(entity: string, name: string, isCollection: boolean): PropertyDescriptor {
  const place = `${entity}.${name}`;
  return {
    configurable: true,
    enumerable: false,
    get(this: object) {
      const state = stateOf(this);
      if (state === undefined) return undefined;
      const value = state.related?.get(name);
      return value === undefined ? load(this, state, name, place, isCollection) : value;
    },
    set(this: object, value: unknown) {
      const state = stateOf(this);
      if (state === undefined) return;
      const relation = state.mapping.relation(name);
      if (!isCollection) {
        if (value === undefined) throw valueError(place, value, 'an entity or null');
        assignOne(this, relation, value as object | null);
      } else {
        if (!Array.isArray(value)) throw valueError(place, value, 'an array of entities');
        const members = (this as Record<string, unknown>)[name];
        if (members instanceof Collection && members !== value) members.replace(value);
      }
    },
  };
}

function load(instance: object, state: InstanceState, name: string, place: string, isCollection: boolean): unknown {
  if (state.row !== undefined) {
    if (state.session === undefined) throw new SessionEndedError({ touched: place });
    return state.session.load(instance, name);
  }
  // Not in the database yet: nothing can be there to load, but a collection can be filled.
  return isCollection ? collectionOf(instance, state.mapping.relation(name), []) : null;
}
