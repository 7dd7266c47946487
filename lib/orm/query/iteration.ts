import type { Connection, RawRow } from '../../connection/connection.js';
import { identity } from '../identity-map.js';
import { keyOf, type MappedColumn } from '../mapping/mapping.js';
import { abilities } from './abilities.js';
import type { Bound, Comparison } from './condition.js';
import type { QueryHost } from './query-host.js';
import { selectIn } from './select.js';
import { type Selection, type Sorting, select } from './selection.js';

const PAGE = 256;

/** The entities of a selection one after the other, with a page of them in the session. */
export function* iterate(
  { workspace, access, finish, mark, forget }: QueryHost,
  selection: Selection,
  load: (rows: readonly RawRow[]) => object[],
): IterableIterator<object> {
  const { connection, visits } = workspace;
  const hasCursor = access === 'read' && abilities[connection.dialect].hasCursors;
  const pages = hasCursor ? fromCursor : selection.order.length === 0 ? alongKeys : byKeys;
  const visit = visits.begin();
  let since = mark();
  try {
    for (const rows of pages(connection, selection)) {
      forget(visits.letGo(visit), since);
      since = mark();
      yield* visits.loading(visit, () => load(rows));
      finish();
    }
  } finally {
    visits.end(visit);
  }
}

/** Rows as the database finds them: its cursor stays open, which refuses no reading. */
function* fromCursor(connection: Connection, selection: Selection): Iterable<RawRow[]> {
  let page: RawRow[] = [];
  for (const row of select(connection, selection, selection.mapping.columns).iterate()) {
    page.push(row);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Each page begins behind the last key of the one before. */
function* alongKeys(connection: Connection, selection: Selection): Iterable<RawRow[]> {
  const { mapping, conditions, limit = Number.POSITIVE_INFINITY } = selection;
  const { key, columns } = mapping;
  const order = key.map((column): Sorting => ({ column, direction: 'asc', isBare: true }));
  const bound = (operator: Bound['operator'], values: readonly unknown[]): Bound => ({
    kind: 'bound',
    columns: key,
    operator,
    values,
  });
  const isSought = key.length > 1 && !abilities[connection.dialect].seeksPairs;
  const seek = (behind: readonly unknown[]): Comparison[] =>
    isSought ? [{ kind: 'comparison', column: key[0] as MappedColumn, operator: '>=', values: [behind[0]] }] : [];
  let left = limit;
  let page = select(connection, { ...selection, order, limit: Math.min(PAGE, left) }, columns).all();
  const isOne = page.length < PAGE || left <= PAGE;
  // Rows that are added meanwhile would have no end.
  const last = isOne ? undefined : lastKey(connection, selection);
  while (page.length > 0) {
    const behind = keyOf(mapping, page.at(-1) as RawRow);
    const isLast = page.length < PAGE;
    left -= page.length;
    yield page;
    if (last === undefined || isLast || left === 0) return;
    const further = [...conditions, ...seek(behind), bound('>', behind), bound('<=', last)];
    const next = { ...selection, conditions: further, order, limit: Math.min(PAGE, left), offset: undefined };
    page = select(connection, next, columns).all();
  }
}

function lastKey(connection: Connection, selection: Selection): RawRow | undefined {
  const { key } = selection.mapping;
  const order = key.map((column): Sorting => ({ column, direction: 'desc', isBare: true }));
  return select(connection, { ...selection, order, limit: 1, offset: undefined, isLocked: false }, key).all()[0];
}

/** The keys of all rows first, in their order, and then the rows as they are by then. */
function* byKeys(connection: Connection, selection: Selection): Iterable<RawRow[]> {
  const { mapping, limit = Number.POSITIVE_INFINITY, offset = 0 } = selection;
  // Two statements agree on the order of equal rows only if they are told one.
  const order = [
    ...selection.order,
    ...mapping.key.map((column): Sorting => ({ column, direction: 'asc', isBare: true })),
  ];
  const first = select(connection, { ...selection, order, limit: Math.min(PAGE, limit) }, mapping.columns).all();
  if (first.length < PAGE || limit <= PAGE) {
    if (first.length > 0) yield first;
    return;
  }
  const rest = { ...selection, order, offset: offset + PAGE, limit: Number.isFinite(limit) ? limit - PAGE : undefined };
  const keys = select(connection, rest, mapping.key).all();
  yield first;
  for (let start = 0; start < keys.length; start += PAGE) {
    const page = keys.slice(start, start + PAGE);
    const found = selectIn(connection, mapping, mapping.key, page, [], selection.isLocked);
    const byKey = new Map(found.map((row) => [identity(keyOf(mapping, row)), row]));
    const rows = page.flatMap((key) => {
      const row = byKey.get(identity(key));
      return row === undefined ? [] : [row];
    });
    if (rows.length > 0) yield rows;
  }
}
