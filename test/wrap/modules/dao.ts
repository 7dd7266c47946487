/** A module that opens its own database when it is imported, and closes it when it is asked to. */
import { appendFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const file = process.env.DAO_FILE as string;
export const db: Database.Database = new Database(file);
db.pragma('journal_mode = WAL');
db.exec('create table if not exists note (id integer primary key, body text unique, big integer, photo blob)');
const insert = db.prepare('insert into note (body) values (?)');

export const add = (body: string): number => Number(insert.run(body).lastInsertRowid);
export const bodies = (): unknown[] => db.prepare('select body from note order by id').pluck().all();
const addAll = db.transaction((names: readonly string[], tell: ((done: number) => void) | undefined) => {
  names.forEach((name, i) => {
    add(name);
    tell?.(i + 1);
  });
  return names.length;
});
export const many = (names: readonly string[], options: { onProgress?: (done: number) => void } = {}): number =>
  addAll(names, options.onProgress);
export const exact = (big: bigint, photo: Buffer): unknown =>
  db.prepare('select ? as big, ? as photo, 1.5 as fraction, null as empty').safeIntegers().get(big, photo);

export class Notes {
  readonly #select = db.prepare('select * from note where id = ?');
  find(id: number): unknown {
    return this.#select.get(id);
  }
}

export function close(): void {
  db.close();
  appendFileSync(`${file}.log`, 'closed\n');
}
