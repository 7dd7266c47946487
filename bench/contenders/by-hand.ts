import type Database from 'better-sqlite3';
import { ADD_NOTE, FIRST_USERS, keyOf, openDatabase, SELECT_USER } from '../database.js';
import { NOTE, type Workload } from './workload.js';

interface UserRow {
  readonly id: number;
  readonly age: number;
}

/** As many users as an `in` of the ORM asks for at once, or nearly. */
const WINDOW = 250;
const ADDRESSES = `select id, user_id, street from address where user_id in (${Array(WINDOW).fill('?').join(', ')}) order by id`;

/** Prepared statements and rows: the least that the work can be. */
export function openByHand(path: string): Workload {
  const database = openDatabase(path, 'OFF');
  const prepared = new Map<string, Database.Statement>();
  const statement = (sql: string) => {
    const found = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, found);
    return found;
  };
  const list = (count: number) => statement(FIRST_USERS).all(count) as UserRow[];
  return {
    get: database.transaction((from: number, count: number) => {
      const user = statement(SELECT_USER);
      let ages = 0;
      for (let i = from; i < from + count; i++) ages += (user.get(keyOf(i)) as UserRow).age;
      return ages;
    }),
    list: database.transaction((count: number) => list(count).length),
    add: database.transaction((count: number) => {
      const note = statement(ADD_NOTE);
      for (let i = 1; i < count; i++) note.run(i, NOTE);
      return Number(note.run(count, NOTE).lastInsertRowid);
    }),
    visit: database.transaction((count: number) => {
      const keys = list(count).map(({ id }) => id);
      let addresses = 0;
      for (let i = 0; i < count; i += WINDOW) addresses += statement(ADDRESSES).all(keys.slice(i, i + WINDOW)).length;
      return addresses;
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(void database.close()),
  };
}
