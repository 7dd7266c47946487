import { SessionEndedError, valueError } from '../errors.js';
import { type InstanceState, stateOf } from './state.js';

/** The property of a relation, for the prototype of its entity: the first read loads it. */
export function relationProperty(entity: string, name: string, isCollection: boolean): PropertyDescriptor {
  const place = `${entity}.${name}`;
  return {
    configurable: true,
    enumerable: false,
    get(this: object) {
      const state = stateOf(this);
      const related = state?.related?.get(name);
      return related !== undefined || state === undefined
        ? related?.value
        : load(this, state, name, place, isCollection);
    },
    set(this: object, value: unknown) {
      const state = stateOf(this);
      if (state === undefined) return;
      if (isCollection) setCollection(this, state, name, place, value);
      else relate(state, name, { value: checked(value, place), loaded: undefined, isAssigned: true });
    },
  };
}

/** Notes a relation's value with its instance. */
export function relate(
  state: InstanceState,
  name: string,
  related: { value: unknown; loaded: readonly object[] | undefined; isAssigned: boolean },
): unknown {
  state.related ??= new Map();
  state.related.set(name, related);
  return related.value;
}

function load(instance: object, state: InstanceState, name: string, place: string, isCollection: boolean): unknown {
  if (state.row !== undefined) {
    if (state.session === undefined) throw new SessionEndedError({ touched: place });
    return state.session.load(instance, name);
  }
  // Not in the database yet: nothing can be there to load, but a collection can be filled.
  return isCollection ? relate(state, name, { value: [], loaded: [], isAssigned: false }) : null;
}

function setCollection(instance: object, state: InstanceState, name: string, place: string, value: unknown): void {
  if (!Array.isArray(value)) throw valueError(place, value, 'an array of entities');
  for (const member of value) checked(member, place);
  // What was loaded has to be known, or else the members that are gone would not be noticed.
  if (state.related?.get(name) === undefined) load(instance, state, name, place, true);
  relate(state, name, { value, loaded: state.related?.get(name)?.loaded, isAssigned: true });
}

function checked(value: unknown, place: string): unknown {
  if (value === null || (typeof value === 'object' && value !== undefined && stateOf(value) !== undefined))
    return value;
  throw valueError(place, value, 'an entity or null');
}
