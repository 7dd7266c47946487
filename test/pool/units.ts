import { read, type Session, sql, write } from 'offthread/orm';
import { User } from './entities.js';

export { Address, User } from './entities.js';
export * as counted from './history.js';
export * as orders from './orders.js';
export * from './plain-units.js';

export const LIMIT = 10;
export const names = ['not', 'a', 'unit'];
export class Helper {}

export const unmarked = (session: Session, id: number) => session.get(User, id)?.email;
export const rename = write((session: Session, id: number, name: string) => {
  const user = session.get(User, id);
  if (user) user.name = name;
});
export const greeting = read((_session: Session, to = 'you', by = 'me') => `${to} by ${by}`);
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
export const unrunSql = read(() => ({ rows: sql`select 1` }));
export const unrunKysely = read((session: Session) => ({
  rows: session
    .kysely()
    .selectFrom('user' as never)
    .selectAll(),
}));
export const wholeSession = read((session: Session) => session);
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
/** A thenable that asks nobody whether there is anything to call. */
// biome-ignore lint/suspicious/noThenProperty: that is what it is
export const hasty = (_session: Session) => ({ then: (done: (value: number) => void) => done(5) });
