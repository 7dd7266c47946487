import { optionError } from '../errors.js';

/** A log as pino has it: what happened, as an object, and a sentence. `console` is one too. */
export interface Logger {
  debug(object: object, message: string): unknown;
  info(object: object, message: string): unknown;
  warn(object: object, message: string): unknown;
  error(object: object, message: string): unknown;
}
export type Level = keyof Logger;
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** Reads the option `logger`. */
export function readLogger(value: unknown): Logger | undefined {
  if (value === undefined) return undefined;
  const isLogger =
    typeof value === 'object' &&
    value !== null &&
    LEVELS.every((level) => typeof (value as Record<string, unknown>)[level] === 'function');
  if (!isLogger)
    throw optionError('type', 'logger', value, `an object with the methods ${LEVELS.join(', ')}, as pino's`);
  return value as Logger;
}

/** Tells it something. Whatever goes wrong there, it is no reason to do anything else otherwise. */
export function log(logger: Logger | undefined, level: Level, object: object, message: string): void {
  if (logger === undefined) return;
  try {
    const told = logger[level](object, message);
    if (told instanceof Promise) told.catch(() => {});
  } catch {
    // As said above.
  }
}
