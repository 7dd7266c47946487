import type { RawRow, Statement } from '../../connection/connection.js';
import { CallError } from '../../errors.js';
import { setOwn } from '../../wire/portable.js';
import type { MappedColumn, Mapping } from '../mapping/mapping.js';

/** Rows of whatever statement as an entity has them: its columns, found by their names in SQL. */
export function rowsFor({ name, columns }: Mapping, statement: Statement, parameters: readonly unknown[]): RawRow[] {
  const rows = statement.all(parameters);
  const answered = statement.columns;
  const absent = columns.filter((column) => !answered.includes(column.name));
  if (absent.length > 0)
    throw new CallError({
      call: 'session.entities()',
      problem: `the query for ${name} answers without ${absent.map(saidOf).join(', ')}`,
      wayOut: `Select every column of its table: selectAll('table'), or select "table".*.`,
    });
  const twice = columns.filter(({ name: each }) => answered.indexOf(each) !== answered.lastIndexOf(each));
  if (twice.length > 0)
    throw new CallError({
      call: 'session.entities()',
      problem: `the query for ${name} answers with ${twice.map(saidOf).join(', ')} more than once`,
      wayOut: 'Select the columns of one table only, or give the others names of their own.',
    });
  const places = columns.map((column) => answered.indexOf(column.name));
  const isSame = places.length === answered.length && places.every((place, i) => place === i);
  return isSame ? rows : rows.map((row) => places.map((place) => row[place]));
}
const saidOf = ({ name }: MappedColumn): string => `the column '${name}'`;

/** Rows as plain objects. */
export function plainRows({ columns }: Statement, rows: readonly RawRow[]): Record<string, unknown>[] {
  return rows.map((cells) => {
    const row = {};
    for (let i = 0; i < columns.length; i++) setOwn(row, columns[i] as string, cells[i]);
    return row;
  });
}
