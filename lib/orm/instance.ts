import type { RawRow } from '../connection/connection.js';
import { type MappedColumn, readColumn } from './mapping.js';
import type { EntityClass } from './relation.js';

/** A constructor of our own with the class's prototype: the class's own constructor and fields are not run. */
export function instanceCreator(entity: EntityClass, columns: readonly MappedColumn[]): (row: RawRow) => object {
  const properties = columns.map(({ property }) => property);
  function Instance(this: Record<string, unknown>, row: RawRow) {
    for (let i = 0; i < properties.length; i++)
      this[properties[i] as string] = readColumn(columns[i] as MappedColumn, row[i]);
  }
  Instance.prototype = entity.prototype;
  const Constructor = Instance as unknown as new (row: RawRow) => object;
  return (row) => new Constructor(row);
}
