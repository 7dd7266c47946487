import { valueError } from '../../errors.js';

/** What a column can be in the database; `createTables` knows the name of each in every dialect. */
export type StoredAs =
  | 'integer'
  | 'bigint'
  | 'real'
  | 'decimal'
  | 'text'
  | 'uuid'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'blob';

/** What a query of SQL's own answers with for a column of each, on every dialect. */
export interface StoredValues extends Record<StoredAs, unknown> {
  readonly integer: number;
  /** As a number where that is exact. */
  readonly bigint: number | bigint;
  readonly real: number;
  readonly decimal: string;
  readonly text: string;
  readonly uuid: string;
  /** 1 or 0. */
  readonly boolean: number;
  readonly date: string;
  /** `2026-01-31 23:59:59.999`, in UTC. */
  readonly timestamp: string;
  readonly json: string;
  readonly blob: Buffer;
}

/** How a type stands in the database. `write` and `read` get the place, such as `User.age`, for their errors. */
export interface ColumnType<T, A extends StoredAs = StoredAs> {
  readonly name: string;
  readonly storedAs: A;
  /** A property's value as it is stored: a string, number, bigint or bytes. Never called with null. */
  readonly write: (value: T, place: string) => unknown;
  /** A stored value as the property has it; an integer beyond 2^53 comes as a bigint. Never called with null. */
  readonly read: (stored: unknown, place: string) => T;
  /** Whether two stored values mean the same although they differ, as two spellings of one JSON value do. */
  readonly same?: (a: unknown, b: unknown) => boolean;
  /** What `write` and `read` let through is the same value on both sides. */
  readonly isPlain?: true;
  /** Of a decimal: how many digits there may be, and how many of them after the point. */
  readonly digits?: Digits | undefined;
}
export interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** A type whose values are stored as they are. */
export function plainType<T extends string | number>(
  name: StoredAs,
  allowed: string,
  fits: (value: T) => boolean,
  like: 'string' | 'number',
): ColumnType<T> {
  const through = (value: unknown, place: string): T => {
    if (typeof value !== like) throw valueError(place, value, allowed);
    if (!fits(value as T)) throw valueError(place, value, allowed, 'range');
    return value as T;
  };
  return { name, storedAs: name, write: through, read: through, isPlain: true };
}
