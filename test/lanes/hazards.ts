// Units that break, or seem to break, the transaction that they share with others. Each wants to insert its id.
import type Sqlite from 'better-sqlite3';
import { read, type Session, sql, write } from 'offthread/orm';

const add = (session: Session, id: number) => session.run(sql`insert into note (id) values (${id})`);
const raw = (session: Session) => session.connection as Sqlite.Database;
// The note 1 is there already.
const taken = sql`insert into note (id) values (1)`;
const takenOrRollback = sql`insert or rollback into note (id) values (1)`;

export const fail = write((session: Session, id: number): void => {
  add(session, id);
  throw new RangeError('on purpose');
});
export const conflict = write((session: Session, id: number) => {
  add(session, id);
  session.run(taken);
});
export const orRollback = write((session: Session, id: number) => {
  add(session, id);
  session.run(takenOrRollback);
});
export const raise = write((session: Session, id: number) => {
  add(session, id);
  session.run(sql`insert into note (body) values ('refused')`);
});
/** Catches the error, and goes on writing as if nothing had happened. */
export const swallowRollback = write((session: Session, id: number) => {
  try {
    session.run(takenOrRollback);
  } catch {}
  add(session, id);
});
export const swallowAndEnd = write((session: Session, id: number) => {
  add(session, id);
  try {
    session.run(takenOrRollback);
  } catch {}
});
export const swallowConflict = write((session: Session, id: number) => {
  try {
    session.run(taken);
  } catch {}
  add(session, id);
});
export const swallowSavepoint = write((session: Session, id: number) => {
  try {
    session.savepoint(() => {
      add(session, id + 500);
      session.run(taken);
    });
  } catch {}
  add(session, id);
});
export const orphan = write((session: Session, id: number) => {
  session.run(sql`insert into note (id, parent) values (${id}, 999)`);
});

/** More than the database may hold. */
export const fill = write((session: Session, id: number) => {
  session.run(sql`insert into note (id, body) values (${id}, zeroblob(20000000))`);
});

export const commitRaw = write((session: Session, id: number) => {
  raw(session).exec('commit');
  add(session, id);
});
export const commitRawBehindComment = write((session: Session, id: number) => {
  raw(session).exec("/* done: */ -- ';'\n commit");
  add(session, id);
});
export const commitRawAndBegin = write((session: Session, id: number) => {
  raw(session).exec('commit; begin');
  add(session, id);
  throw new Error('on purpose');
});
export const commitRawAndExit = write((session: Session, id: number) => {
  add(session, id);
  raw(session).exec('commit');
  process.exit(1);
});
export const commitRawAndLoop = write((session: Session, id: number) => {
  add(session, id);
  raw(session).exec('commit');
  for (;;);
});
/** What only looks like a COMMIT: a text, a comment, the end of a trigger. */
export const mentionCommit = write((session: Session, id: number) => {
  const connection = raw(session);
  connection.exec(`insert into note (id, body) values (${id}, 'first; end of story')`);
  connection.prepare('update note set body = ? where id = ? -- ; commit').run('then', id);
  connection.exec(`drop trigger if exists gone; -- and another
    create trigger gone after delete on note begin select case when 1 then 2 end; end; drop trigger gone; `);
  throw new RangeError('on purpose');
});
export const rollbackRaw = write((session: Session, id: number) => {
  add(session, id);
  raw(session).exec('rollback');
});
export const iterateRaw = write((session: Session, id: number) => {
  add(session, id);
  kept.push(raw(session).prepare('select id from note').iterate());
  kept.at(-1)?.next();
});
export const iterateRawReading = read((session: Session) => {
  kept.push(raw(session).prepare('select id from note').iterate());
  kept.at(-1)?.next();
});
/** Iterators that were left open, out of the garbage collector's reach. */
const kept: Iterator<unknown>[] = [];

export const useRaw = write((session: Session, id: number) => {
  raw(session).prepare('insert into note (id) values (?)').run(id);
});
/** better-sqlite3's own way to a transaction, which is a savepoint in one that is open. */
export const transactRaw = write((session: Session, id: number) => {
  const connection = raw(session);
  const insert = connection.prepare('insert into note (id) values (?)');
  connection.transaction(() => insert.run(id))();
});
/** Catches the error of session.connection, and everything behind it. */
export const catchRaw = write((session: Session, id: number) => {
  add(session, id);
  try {
    raw(session);
    return 'alone';
  } catch {
    return 'refused';
  }
});

export const returnFunction = write((session: Session, id: number): unknown => {
  add(session, id);
  return { rows: [{ format: () => id }] };
});
export const returnPromise = write((session: Session, id: number): unknown => {
  add(session, id);
  return Promise.resolve(id);
});

/** Reads by their mark only. */
export const readThatRuns = read((session: Session, id: number) => {
  session.run(sql`insert into note (id) values (${id})`);
});
export const readThatTakesRaw = read((session: Session, id: number) => {
  (session.connection as Sqlite.Database).prepare('insert into note (id) values (?)').run(id);
});

/** Takes so many milliseconds before it loses the transaction. */
export const breakSlowly = write((session: Session, id: number, milliseconds: number) => {
  add(session, id);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  session.run(takenOrRollback);
});

/** Fails inside of SQLite after so many rows. */
export const failSlowly = write((session: Session, rows: number) => {
  session.run(
    sql`insert into note (id) with recursive c(x) as (select 1 union all select x + 1 from c limit ${rows}) select min(x, 0) from c where x > ${rows - 2}`,
  );
});

/** Makes the connection another than it was; outside of a transaction all of it takes. */
export const disarrange = write((session: Session) => {
  const connection = raw(session);
  connection.pragma('foreign_keys = off');
  connection.exec("attach ':memory:' as elsewhere; create temp table note (id)");
  connection.defaultSafeIntegers(true);
});
export const look = write((session: Session) => ({
  keys: raw(session).pragma('foreign_keys', { simple: true }),
  databases: (raw(session).pragma('database_list') as { name: string }[]).map(({ name }) => name),
  tables: session.run(sql<{ name: string }>`select name from sqlite_temp_master`),
  one: raw(session).prepare('select 1').pluck().get(),
}));
