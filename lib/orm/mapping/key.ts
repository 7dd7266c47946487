import { valueError } from '../../errors.js';
import { type Mapping, writeColumn } from './mapping.js';

/** The value of one key column. */
type KeyPart = number | bigint | string | Date | Uint8Array;
/** The type of an entity's key: for a key of several columns an array, in the order of the columns. */
export type Key = KeyPart | readonly KeyPart[];

/** A key as it is stored. */
export function storedKey(mapping: Mapping, key: Key): unknown[] {
  const parts: readonly unknown[] = Array.isArray(key) ? key : [key];
  if (parts.length !== mapping.key.length) {
    throw valueError(
      `The key of ${mapping.name}`,
      key,
      `${mapping.key.length === 1 ? 'a value' : `${mapping.key.length} values, in an array`} for ${mapping.key.map(({ property }) => property).join(', ')}`,
    );
  }
  return mapping.key.map((column, i) => writeColumn(column, parts[i]));
}
