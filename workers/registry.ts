import { hasEntities } from '../lib/orm/mapping/entity.js';
import { kysely } from '../lib/plan/kysely.js';
import { type RegisteredUnit, registeredUnit } from './unit.js';

/** The units of a module by name: its functions, and those of the namespaces it exports, as `orders.place`. */
export function registerUnits(module: object): Map<string, RegisteredUnit> {
  // Not when the first query is built: that would count as time of the unit that builds it.
  if (hasEntities()) kysely();
  const units = new Map<string, RegisteredUnit>();
  collect(module, '', units, []);
  return units;
}

function collect(exports: object, prefix: string, units: Map<string, RegisteredUnit>, above: readonly object[]): void {
  if (above.includes(exports)) return;
  for (const [key, value] of Object.entries(exports)) {
    const name = prefix + key;
    if (typeof value === 'function') {
      if (isClass(value)) continue;
      units.set(name, registeredUnit(name, value));
    } else if (isNamespace(value)) {
      collect(value, `${name}.`, units, [...above, exports]);
    }
  }
}

const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));
/** `export * as orders` and plain objects of functions; nothing that has a class of its own. */
const isNamespace = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype);
