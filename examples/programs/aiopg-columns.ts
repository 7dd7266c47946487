import { randomUUID } from 'node:crypto';
import { boolean, column, createTables, Entity, integer, json, sql, text, timestamp, uuid } from 'offthread/orm';
import type { Program } from './program.js';

// aiopg: examples/types_field_sa.py, default_field_sa.py, named_field_sa.py

/** CustomStrList: a type of one's own */
const list = column<string[], 'text'>({
  name: 'list',
  storedAs: 'text',
  write: (value) => value.join(','),
  read: (stored) => String(stored).split(','),
});

export class Typed extends Entity('typed', {
  id: integer().primaryKey(),
  json: json<{ data: number } | null>().nullable(),
  numbers: json<number[]>().default([]), // where PostgreSQL has ARRAY
  letter: text<'f' | 's'>()
    .check(sql`letter in ('f', 's')`) // where PostgreSQL has ENUM
    .default('s'),
  customList: list('custom_list').nullable(),
}) {}

export class Filled extends Entity('filled', {
  id: integer('MyIDField').primaryKey(), // key="id"
  uuid: uuid().default(() => randomUUID()),
  name: text('NaMe').default('default name'),
  date: timestamp().default(() => new Date()),
  flag: integer().default(0),
  count: integer('count_str').default(sql`length('default')`),
  isActive: boolean('is_active').default(true),
}) {}

export const columns: Program = (session, print) => {
  createTables(session, [Typed, Filled]);

  for (const given of [
    {},
    { json: { data: 123 } },
    { numbers: [1, 3, 4] },
    { letter: 'f' as const },
    { customList: ['1', 'test'] },
  ]) {
    const { id } = session.transaction((session) => {
      const typed = session.add(new Typed(given));
      session.flush();
      return typed;
    });
    const { json, numbers, letter, customList } = session.get(Typed, id)!;
    print(JSON.stringify({ json, numbers, letter, customList }));
  }

  const filled = session.add(new Filled({ name: 'test', isActive: false }));
  session.commit();
  print(filled.id, filled.uuid.length, filled.name, filled.flag, filled.count, filled.isActive);
};
