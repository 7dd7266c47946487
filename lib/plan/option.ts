import { optionError } from '../errors.js';
import { nearest } from './nearest.js';

/** An object of known options, copied onto no prototype: what others put on Object.prototype is not an option. */
export function readObject(what: string, given: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw optionError('type', what, given, `an object of options (${known.join(', ')})`);
  const options: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) throw unknownOption(what, name, value, known);
    options[name] = value;
  }
  return options;
}

function unknownOption(what: string, name: string, value: unknown, known: readonly string[]): TypeError {
  const meant = nearest(name, known);
  const wayOut = meant === undefined ? `The options are ${known.join(', ')}.` : `Did you mean '${meant}'?`;
  const error = optionError('type', what, value, 'known');
  error.message = `${what} has no option '${name}'. ${wayOut}`;
  return Object.assign(error, { option: name });
}

/** A time in milliseconds, or Infinity. */
export function readTime(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw optionError('type', name, value, 'a number of milliseconds, or Infinity');
  if (!(value > 0)) throw optionError('range', name, value, 'more than 0 milliseconds, or Infinity for no limit');
  return value;
}

/** A whole number. */
export function readNumber(
  name: string,
  value: unknown,
  fallback: number,
  least: number,
  infinity?: 'infinity',
): number {
  if (value === undefined) return fallback;
  const allowed = `a whole number from ${least}${infinity ? ', or Infinity' : ''}`;
  if (typeof value !== 'number') throw optionError('type', name, value, allowed);
  if (!(value >= least) || !(Number.isSafeInteger(value) || (infinity && value === Number.POSITIVE_INFINITY)))
    throw optionError('range', name, value, allowed);
  return value;
}

export function readFlag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw optionError('type', name, value, 'true or false');
  return value;
}

export function readSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw optionError('type', 'signal', value, 'an AbortSignal');
}
