import { showSql, valueError } from '../errors.js';

/** What a statement's parameter may be, on every dialect. */
export type Parameter = string | number | bigint | boolean | null | Date | Uint8Array;

/** A bound value as it is now, so that nothing which is changed later is seen; refuses what is no scalar. */
function toParameter(value: unknown, place: () => string): Parameter {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return new Date(value);
      if (value instanceof Uint8Array) return new Uint8Array(value);
      break;
    default:
  }
  throw valueError(place(), value, 'a string, number, bigint, boolean, null, Date or Uint8Array');
}

/** A statement's parameters as they are now; the same array where nothing in it can change, since it waits with its call. */
export function toParameters(values: readonly unknown[], sql: string): readonly Parameter[] {
  let copies: Parameter[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const parameter = toParameter(values[i], () => `Parameter ${i + 1} of ${showSql(sql)}`);
    if (parameter === values[i] || Number.isNaN(parameter)) continue;
    copies ??= [...values] as Parameter[];
    copies[i] = parameter;
  }
  return copies ?? (values as readonly Parameter[]);
}
