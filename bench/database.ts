import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';

const USERS = 100_000;
export const SELECT_USER = 'select id, name, email, age, bio from user where id = ?';
export const LIST_USERS = 'select id, name, email, age, bio from user limit 10000';
export const FIRST_USERS = 'select id, name, email, age, bio from user order by id limit ?';
export const ADD_NOTE = 'insert into note (author, text) values (?, ?)';
/** Counts to its parameter, which takes as long as is wanted and no memory. */
export const COUNT =
  'with recursive step(i) as (select 1 union all select i + 1 from step where i < ?) select sum(i) as total from step';

/** Visits all keys in an order that is not that of the pages. */
export const keyOf = (i: number): number => ((i * 7_919) % USERS) + 1;

export const ageOf = (key: number): number => key % 90;

/** A connection as the pool opens its own: WAL, and a commit is on the disk before it returns. */
export function openDatabase(path: string, synchronous: 'FULL' | 'OFF' = 'FULL'): Database.Database {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  return database;
}

/** Users with two addresses each. */
export function makeUsers(path: string, users = USERS): void {
  const database = openDatabase(path);
  database.exec(`
    create table user (id integer primary key, name text not null, email text not null, age integer not null, bio text not null);
    create table address (id integer primary key, user_id integer not null references user (id), street text not null);
    create index address_by_user on address (user_id)`);
  const addUser = database.prepare('insert into user (name, email, age, bio) values (?, ?, ?, ?)');
  const addAddress = database.prepare('insert into address (user_id, street) values (?, ?)');
  database.transaction(() => {
    for (let i = 1; i <= users; i++) {
      addUser.run(`User ${i}`, `user${i}@example.com`, ageOf(i), `Likes the number ${i}, and reads about it.`);
      for (const side of ['North', 'South']) addAddress.run(i, `${side} Street ${i}`);
    }
  })();
  database.close(); // the last connection takes the WAL along
}

/** Connections that nobody closes: the WAL would go with the last. */
const keepers: Database.Database[] = [];

/**
 * A database of its own for what a run writes. Its WAL has its full length, as that of any database that has been in use:
 * while it grows, which it does for the first thousand commits, each sync takes twice as long.
 */
export function makeNotes(folder: string, owner = String(process.pid)): string {
  const path = join(folder, `notes-${owner}.db`);
  const database = openDatabase(path);
  database.exec('create table note (id integer primary key, author integer not null, text text not null)');
  database.exec('create table filler (bytes blob); insert into filler values (zeroblob(8000000)); drop table filler');
  keepers.push(database);
  return path;
}

export function sqliteVersion(): string {
  const database = new Database(':memory:');
  const version = database.prepare('select sqlite_version()').pluck().get() as string;
  database.close();
  return version;
}

/** How far COUNT gets in a millisecond on this machine; measured once, so that all contenders count equally far. */
export function stepsPerMillisecond(): number {
  const database = new Database(':memory:');
  const count = database.prepare(COUNT);
  try {
    for (let steps = 10_000; ; steps *= 2) {
      const start = performance.now();
      count.get(steps);
      const taken = performance.now() - start;
      if (taken > 200) return Math.round(steps / taken);
    }
  } finally {
    database.close();
  }
}
