import type { Connection, RawRow } from '../../connection/connection.js';
import { EntityStateError } from '../../errors.js';
import { kyselySql } from '../../plan/kysely.js';
import { builderOf } from '../builder.js';
import { identity } from '../identity-map.js';
import { keyOf, type MappedColumn, type Mapping } from '../mapping/mapping.js';
import { abilities } from '../query/abilities.js';
import { isOneOf, text } from '../query/select.js';
import { prepare } from '../schema/missing-table.js';
import type { Shape } from './insert-shape.js';
import { numberFromFirst } from './made-keys.js';

/** How rows of a shape are inserted with one statement, and completed with what the database filled in. */
export function inserter(connection: Connection, shape: Shape): (rows: readonly RawRow[]) => void {
  if (!abilities[connection.dialect].returns) return (rows) => executeAndRead(connection, shape, rows);
  const isNumbered = isCounted(connection, shape);
  return (rows) => execute(connection, shape, rows, isNumbered);
}

function execute(
  connection: Connection,
  { mapping, given, generated }: Shape,
  rows: readonly RawRow[],
  isNumbered: boolean,
): void {
  const parameters: unknown[] = [];
  for (const row of rows) for (const { index } of given) parameters.push(row[index]);
  // What is matched with its row by the key has to bring that along.
  const isMatched = rows.length > 1 && generated.length > 0 && mapping.key.every((column) => given.includes(column));
  const returned = isNumbered ? [] : isMatched ? [...generated, ...mapping.key] : generated;

  const sql = insertText(connection, mapping, given, returned, rows.length);
  const statement = prepare(connection, mapping, sql);
  if (returned.length === 0) {
    const { changes, insertId } = statement.run(parameters);
    expectAll(mapping, rows.length, changes);
    if (isNumbered) number(rows, generated[0] as MappedColumn, insertId);
    return;
  }
  const answered = statement.all(parameters);
  expectAll(mapping, rows.length, answered.length);
  const inOrder = isMatched ? byKey(mapping, rows, answered, generated.length) : byNumber(mapping, generated, answered);
  rows.forEach((row, i) => {
    for (const [j, { index }] of generated.entries()) row[index] = inOrder[i]?.[j];
  });
}

/** The same where no statement returns what it wrote: the keys are counted, and the rest is read by them. */
function executeAndRead(connection: Connection, { mapping, given, generated }: Shape, rows: readonly RawRow[]): void {
  const key = mapping.key.find((column) => generated.includes(column));
  if (key !== undefined) refuseOtherKeys(mapping, key, generated);
  const parameters = rows.flatMap((row) => given.map(({ index }) => row[index]));
  const sql = insertText(connection, mapping, given, [], rows.length);
  const changed = prepare(connection, mapping, sql).run(parameters);
  expectAll(mapping, rows.length, changed.changes);
  if (key !== undefined) numberFromFirst(connection, mapping, key, rows, changed);
  const others = generated.filter((column) => column !== key);
  if (others.length === 0) return;
  const answered = selectColumns(connection, mapping, [...others, ...mapping.key], rows);
  const inOrder = byKey(mapping, rows, answered, others.length);
  rows.forEach((row, i) => {
    for (const [j, { index }] of others.entries()) row[index] = inOrder[i]?.[j];
  });
}

/** Whether one statement may insert several rows: what comes back of each has to be told from the others. */
export function mayShare(connection: Connection, { mapping, generated }: Shape): boolean {
  const [key, second] = mapping.key.filter((column) => generated.includes(column));
  if (key === undefined || !abilities[connection.dialect].returns) return true;
  return second === undefined && mapping.key.length === 1 && connection.keyOrder?.(mapping.table, key.name) !== 'none';
}

/** Whether the one thing that the database fills in is a key that can be counted. */
function isCounted(connection: Connection, { mapping, generated }: Shape): boolean {
  const [key] = generated;
  if (generated.length !== 1 || key !== mapping.key[0] || key?.definition.type.name !== 'integer') return false;
  return connection.keyOrder?.(mapping.table, key.name) === 'consecutive';
}

/** RETURNING costs as much as the insert itself: keys that follow one another are counted back from the last. */
function number(rows: readonly RawRow[], { index }: MappedColumn, last: number | bigint | undefined): void {
  // One that is no safe integer is refused by its column.
  let next = Number(last) - rows.length + 1;
  for (const row of rows) row[index] = next++;
}

/** The order of what is returned is not promised; keys that the database makes grow with the order of the rows, see mayShare. */
function byNumber(mapping: Mapping, generated: readonly MappedColumn[], answered: RawRow[]): RawRow[] {
  const at = generated.indexOf(mapping.key[0] as MappedColumn);
  return answered.sort((a, b) => ((a[at] as number) < (b[at] as number) ? -1 : 1));
}

function byKey(mapping: Mapping, rows: readonly RawRow[], answered: readonly RawRow[], keyAt: number): RawRow[] {
  const found = new Map(answered.map((row) => [identity(row.slice(keyAt)), row]));
  return rows.map((row) => found.get(identity(keyOf(mapping, row))) as RawRow);
}

function expectAll({ name: entity }: Mapping, sent: number, inserted: number): void {
  if (inserted === sent) return;
  throw new EntityStateError({
    entity,
    problem: `lost ${sent - inserted} of ${sent} rows that were inserted`,
    wayOut: 'Look for a trigger or a rule of the table that drops them.',
  });
}

/** Only an auto_increment is told of. */
function refuseOtherKeys(mapping: Mapping, key: MappedColumn, generated: readonly MappedColumn[]): void {
  const { storedAs } = key.definition.type;
  const isOnly = mapping.key.every((column) => column === key || !generated.includes(column));
  if (isOnly && (storedAs === 'integer' || storedAs === 'bigint')) return;
  throw new EntityStateError({
    entity: key.place,
    problem: 'is a key that the database fills in, and MySQL does not tell what it was',
    wayOut: 'Make it here: default(() => randomUUID()).',
  });
}

function selectColumns(
  connection: Connection,
  mapping: Mapping,
  columns: readonly MappedColumn[],
  rows: readonly RawRow[],
): RawRow[] {
  const { dialect } = connection;
  const names = mapping.key.map(({ name }) => name);
  const keys = rows.map((row) => keyOf(mapping, row));
  const sql = text(connection, mapping, `filled ${columns.map(({ index }) => index).join()} ${rows.length}`, () =>
    builderOf(connection)
      .selectFrom(mapping.table)
      .select(columns.map(({ name }) => name))
      .where(isOneOf(dialect, names, mapping.key, keys)),
  );
  return connection.prepare(sql).all(keys.flat());
}

function insertText(
  connection: Connection,
  mapping: Mapping,
  given: readonly MappedColumn[],
  returned: readonly MappedColumn[],
  rows: number,
): string {
  const indexes = (columns: readonly MappedColumn[]) => columns.map(({ index }) => index).join();
  return text(connection, mapping, `insert ${indexes(given)} ${indexes(returned)} ${rows}`, () => {
    const into = builderOf(connection).insertInto(mapping.table);
    const row = Object.fromEntries(given.map(({ name }) => [name, 0]));
    const nothing = connection.dialect === 'sqlite' ? into.defaultValues() : into.expression(kyselySql`values ()`);
    const filled = given.length === 0 ? nothing : into.values(new Array(rows).fill(row));
    return returned.length === 0 ? filled : filled.returning(returned.map(({ name }) => name));
  });
}
