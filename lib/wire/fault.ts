import { types } from 'node:util';
import { errorClasses } from '../errors.js';
import { fromPortable, type Portable, toPortable } from './portable.js';

/**
 * A thrown value on its way to the caller. Structured clone would drop an error's class, its `code` and its fields, so
 * they travel as data.
 */
export type Fault = ErrorFault | ({ readonly thrown: true } & Portable);

interface ErrorFault {
  readonly thrown?: never;
  readonly className: string;
  /** Its class is one of this library's, and not one of the user's by the same name. */
  readonly isOurs: boolean;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: readonly (readonly [name: string, field: Portable])[];
  readonly cause: Fault | undefined;
  readonly errors: readonly Fault[] | undefined;
}

const MAX_CAUSES = 8;

/** Any thrown value as data. It never throws: a field that cannot cross is left out, and must not hide the error. */
export function toFault(thrown: unknown): Fault {
  try {
    return isError(thrown)
      ? errorToFault(thrown, 0)
      : { thrown: true, ...toPortable(thrown, 'The thrown value', 'detach') };
  } catch {
    return errorToFault(new Error(`Something was thrown that cannot cross between threads: ${textOf(thrown)}`), 0);
  }
}

function errorToFault(error: Error, depth: number): ErrorFault {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  const className = textOf(error.constructor?.name, 'Error');
  const inner = (value: unknown): Fault => (isError(value) ? errorToFault(value, depth + 1) : toFault(value));
  return {
    className,
    isOurs: errorClasses.get(className)?.prototype === Object.getPrototypeOf(error),
    name: textOf(error.name, 'Error'),
    message: textOf(error.message, ''),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
    fields: fieldsOf(error),
    cause: cause === undefined || depth >= MAX_CAUSES ? undefined : inner(cause),
    errors: Array.isArray(errors) && depth < MAX_CAUSES ? errors.map(inner) : undefined,
  };
}

/** Also where it comes from another context, as from `node:vm`. */
const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value);

function textOf(value: unknown, fallback = 'a value without a text'): string {
  try {
    return typeof value === 'object' || typeof value === 'function' ? fallback : String(value ?? fallback);
  } catch {
    return fallback;
  }
}

function fieldsOf(error: Error): [string, Portable][] {
  const fields: [string, Portable][] = [];
  for (const name of Object.keys(error)) {
    if (name === 'name' || name === 'message' || name === 'stack' || name === 'cause') continue;
    try {
      fields.push([name, toPortable((error as unknown as Record<string, unknown>)[name], name, 'detach')]);
    } catch {
      // Left out, as said above.
    }
  }
  return fields;
}

export type ErrorClasses = ReadonlyMap<string, { readonly prototype: Error }>;

const NATIVE: ErrorClasses = new Map<string, { readonly prototype: Error }>(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map((type) => [
    type.name,
    type,
  ]),
);

/** The thrown value again, of its own class where that is known here, else an `Error` that keeps its name. */
export function fromFault(fault: Fault, classes: ErrorClasses): unknown {
  if (fault.thrown) return fromPortable(fault.value, fault.mended);
  const error = new Error(fault.message);
  const type =
    (fault.isOurs ? errorClasses : classes).get(fault.className) ??
    NATIVE.get(fault.className) ??
    NATIVE.get(fault.name);
  if (type !== undefined) Object.setPrototypeOf(error, type.prototype);
  if (!isNamed(error, fault.name)) hide(error, 'name', fault.name);
  hide(error, 'stack', fault.stack ?? `${fault.name}: ${fault.message}`);
  if (fault.cause !== undefined) hide(error, 'cause', fromFault(fault.cause, classes));
  if (fault.errors !== undefined)
    hide(
      error,
      'errors',
      fault.errors.map((each) => fromFault(each, classes)),
    );
  for (const [name, field] of fault.fields) {
    Object.defineProperty(error, name, {
      value: fromPortable(field.value, field.mended),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return error;
}

/** A class of the user's may ask its fields, which an error that no constructor made does not have. */
function isNamed(error: Error, name: string): boolean {
  try {
    return error.name === name;
  } catch {
    return false;
  }
}

/** As the language itself has them: there, but not listed. */
function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false, configurable: true, writable: true });
}
