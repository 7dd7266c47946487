import { resourceLimits } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { createPool } from 'offthread';
import { read, type Session, sql, write } from 'offthread/orm';
import { User } from './entities.js';

export { Address, User } from './entities.js';
export * as counted from './history.js';
export * as orders from './orders.js';

export const LIMIT = 10;
export const names = ['not', 'a', 'unit'];
export class Helper {}

export const userName = read((session: Session, id: number) => session.get(User, id)?.name);
export const unmarked = (session: Session, id: number) => session.get(User, id)?.email;
export const rename = write((session: Session, id: number, name: string) => {
  const user = session.get(User, id);
  if (user) user.name = name;
});
export const greeting = read((_session: Session, to = 'you', by = 'me') => `${to} by ${by}`);
export const pragma = read((session: Session, name: string) => raw(session).pragma(name, { simple: true }));
export const pragmaOfWriter = write((session: Session, name: string) => raw(session).pragma(name, { simple: true }));
export const each = read(function* (session: Session) {
  for (const user of session.query(User).iterate()) yield user.name;
});
export const later = (session: Session, name: string) => {
  session.add(new User({ name }));
  return Promise.resolve(name);
};
export const rejecting = (_session: Session) => Promise.reject(new Error('nobody may see this'));
export const thenable = (session: Session) => {
  session.add(new User({ name: 'Thenable' }));
  // biome-ignore lint/suspicious/noThenProperty: a promise of another library
  return { then: () => {} };
};
export const asynchronous = async (session: Session) => {
  await Promise.resolve();
  return session.get(User, 1)?.name;
};
export const unfinished = read((session: Session) => session.query(User).where({ name: 'Ada' }));
export const unfinishedInside = read((session: Session) => ({ page: { users: [1, session.query(User)] } }));
export const spin = read((_session: Session, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
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
  own.exec('commit; begin; select * from user');
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

let told: unknown;
/** The refusal is a rejection, which a unit cannot wait for: it is told to the next one. */
export const poolInside = write((_session: Session) => {
  createPool({ database: 'sqlite::memory:' }).catch(({ name, code, message }) => {
    told = { name, code, message };
  });
});
export const poolInsideTold = write((_session: Session) => told);

export const runText = write((session: Session, text: string) => session.run(sql`${sql.raw(text)}`));
export const insertTwice = write((session: Session, id: number) => {
  const insert = () => session.run(sql`insert into user (id, name) values (${id}, 'twice')`);
  insert();
  insert();
});

/** Needs the function of setups/functions.ts. */
export const servedBy = read(
  (session: Session) => session.run(sql<{ answer: string }>`select served_by() as answer`)[0]?.answer,
);
export const failing = write((_session: Session, message: string): never => {
  throw new Error(message);
});
export const notPortable = write((_session: Session) => ({ callback: () => 1 }));
export const writingRead = read((session: Session) => session.run(sql`update user set name = 'written'`));
export const echo = read((_session: Session, value: unknown) => value);

let kept: Session | undefined;
export const keepSession = write((session: Session) => {
  kept = session;
});
export const useKeptSession = write((_session: Session) => kept?.get(User, 1)?.name);
