import { types } from 'node:util';

/** A bad option or argument: names it, the value, and what is allowed. */
export function optionError(
  kind: 'type' | 'range',
  name: string,
  value: unknown,
  allowed: string,
): TypeError | RangeError {
  const message = `${name} must be ${allowed}, not ${show(value)}.`;
  const error = kind === 'type' ? new TypeError(message) : new RangeError(message);
  return Object.assign(error, { code: 'OFFTHREAD_OPTION', option: name });
}

/** A value that a column or a bound parameter cannot hold. */
export function valueError(
  place: string,
  value: unknown,
  allowed: string,
  kind: 'type' | 'range' = 'type',
): TypeError | RangeError {
  const message = `${place} takes ${allowed}, not ${show(value)}.`;
  const error = kind === 'type' ? new TypeError(message) : new RangeError(message);
  return Object.assign(error, { code: 'OFFTHREAD_VALUE', place });
}

/** A value in an error message: short, and never its insides, which may be secret. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 60 ? `'${value.slice(0, 57)}…'` : `'${value}'`;
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `the function ${value.name || '(anonymous)'}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
      return `an object (${Object.getPrototypeOf(value)?.constructor?.name || 'Object'})`;
    default:
      return String(value);
  }
}

/** SQL in an error message, which a list of thousands of parameters would fill. */
export const showSql = (sql: string): string =>
  sql.length > 1_000 ? `${sql.slice(0, 1_000)}… (${sql.length} characters)` : sql;
