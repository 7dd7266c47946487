import { isSame, type MappedColumn, valueIn, writeColumn } from '../mapping/mapping.js';
import { knownState } from '../state.js';

/** A column whose value is not what is stored, with what it is to be stored as. */
export interface Change {
  readonly column: MappedColumn;
  readonly value: unknown;
}
const NOTHING: readonly Change[] = [];

/** The columns of a stored instance that have changed; a value that cannot be stored is an error. */
export function changes(instance: object): readonly Change[] {
  const { mapping, row } = knownState(instance);
  if (row === undefined || !hasChanges(instance)) return NOTHING;
  const changed: Change[] = [];
  for (const column of mapping.columns) {
    const current = valueIn(instance, column);
    if (current === row[column.index] || column.definition.generated !== undefined) continue;
    const value = writeColumn(column, current);
    if (!isSame(column, value, row[column.index])) changed.push({ column, value });
  }
  return changed;
}

/** Whether there are any; every flush asks this of every instance. */
export function hasChanges(instance: object): boolean {
  const { mapping, row } = knownState(instance);
  return row !== undefined && mapping.isChanged(instance, row);
}
