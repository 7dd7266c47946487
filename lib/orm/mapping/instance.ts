import type { RawRow } from '../../connection/connection.js';
import { isSame, type MappedColumn, readColumn, valueIn, writeColumn } from './mapping.js';
import type { EntityClass } from './relation.js';

/*
 * What runs for every instance is code made of the columns' names, as drivers and templates do it: property by property
 * in a loop takes several times as long. Where Node was told to make no code of strings, the loops do the same.
 */

/** Makes instances of stored rows with the class's prototype: the class's own constructor and fields are not run. */
export function instanceCreator(entity: EntityClass, columns: readonly MappedColumn[]): (row: RawRow) => object {
  const readers = columns.map((column) => (stored: unknown) => readColumn(column, stored));
  const Instance = instanceOf(columns, readers);
  Instance.prototype = entity.prototype;
  const Constructor = Instance as unknown as new (row: RawRow) => object;
  return (row) => new Constructor(row);
}
type Readers = readonly ((stored: unknown) => unknown)[];

function instanceOf(columns: readonly MappedColumn[], readers: Readers): { prototype: object } {
  const reads = columns.map((_, i) => `const read${i} = readers[${i}];`);
  const sets = columns.map(({ property }, i) => `this[${JSON.stringify(property)}] = read${i}(row[${i}]);`);
  try {
    return new Function('readers', `${reads.join(' ')} return function (row) { ${sets.join(' ')} };`)(readers);
  } catch {
    return function (this: Record<string, unknown>, row: RawRow) {
      for (const [i, { property }] of columns.entries()) this[property] = readers[i]?.(row[i]);
    };
  }
}

/** Compares an instance's properties with the row that it came from. */
export function comparer(columns: readonly MappedColumn[]): (instance: object, row: RawRow) => boolean {
  const written = columns.filter(({ definition }) => definition.generated === undefined);
  // Most values are the stored ones themselves, which is seen without a word of their type.
  const isPlain = ({ definition }: MappedColumn) => definition.type.isPlain === true;
  const plain = written.filter(isPlain);
  const others = written.filter((column) => !isPlain(column));
  const differs = (instance: object, row: RawRow) => written.some((column) => isChanged(column, instance, row));
  const othersDiffer = (instance: object, row: RawRow) => others.some((column) => isChanged(column, instance, row));
  const same = plain.map(({ property, index }) => `instance[${JSON.stringify(property)}] === row[${index}]`);
  const rest = others.length === 0 ? 'false' : 'othersDiffer(instance, row)';
  try {
    const body = `return (instance, row) => (${same.join(' && ') || 'true'}) ? ${rest} : differs(instance, row);`;
    return new Function('differs', 'othersDiffer', body)(differs, othersDiffer);
  } catch {
    return differs;
  }
}

function isChanged(column: MappedColumn, instance: object, row: RawRow): boolean {
  const current = valueIn(instance, column);
  const stored = row[column.index];
  return current !== stored && !isSame(column, writeColumn(column, current), stored);
}
