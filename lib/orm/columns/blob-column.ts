import { types } from 'node:util';
import { valueError } from '../../errors.js';
import { type ColumnOf, columnOf } from './column.js';
import type { ColumnType } from './column-type.js';

const blobType: ColumnType<Buffer> = {
  name: 'blob',
  storedAs: 'blob',
  write: (value, place) => {
    if (!types.isUint8Array(value)) throw valueError(place, value, 'a Buffer');
    return Buffer.from(value);
  },
  read: (stored, place) => {
    if (!types.isUint8Array(stored)) throw valueError(place, stored, 'bytes in the database');
    return Buffer.from(stored);
  },
  same: isSameBytes,
};
/** Bytes, as a Buffer of the entity's own. */
export const blob: ColumnOf<Buffer, Buffer, Uint8Array> = columnOf(blobType);

export function isSameBytes(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}
