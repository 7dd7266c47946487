import { resourceLimits } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { read, type Session, sql, write } from 'offthread/orm';

// Units without entities: their thread is started in half the time.

export const userName = read(
  (session: Session, id: number) => session.run(sql<{ name: string }>`select name from user where id = ${id}`)[0]?.name,
);
export const pragma = read((session: Session, name: string) => raw(session).pragma(name, { simple: true }));
export const pragmaOfWriter = write((session: Session, name: string) => raw(session).pragma(name, { simple: true }));
export const spin = read((_session: Session, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return 'done';
});
/** Takes its time, and nobody else's. */
export const rest = read((_session: Session, milliseconds: number) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  return 'done';
});
/** Asks until somebody stops it. */
export const ask = read((session: Session): void => {
  for (;;) session.run(sql`select 1`);
});
export const thread = read((_session: Session) => ({
  limit: resourceLimits.maxOldGenerationSizeMb,
  flags: process.execArgv,
  env: process.env.OFFTHREAD_TEST,
}));

/** Runs into a stale snapshot each time: another connection writes between its read and its write. */
export const stale = write((session: Session, file: string) => {
  attempts++;
  const own = raw(session);
  own.exec('rollback; begin; select * from user');
  const other = new Database(file);
  other.exec("update user set name = name || '!' where id = 2");
  other.close();
  session.run(sql`update user set name = 'never' where id = 1`);
});
export const attemptsSoFar = write((_session: Session) => attempts);
let attempts = 0;

const raw = (session: Session) => session.connection as Database.Database;

/** Leaves a cursor behind that nobody can close: SQLite neither commits nor detaches while it is there. */
export const leaveOpen = write((session: Session) => {
  open = raw(session).prepare('select 1 union select 2').iterate();
  open.next();
});
let open: Iterator<unknown>;

export const runText = write((session: Session, text: string) => session.run(sql`${sql.raw(text)}`));
export const insertTwice = write((session: Session, id: number) => {
  const insert = () => session.run(sql`insert into user (id, name) values (${id}, 'twice')`);
  insert();
  insert();
});
