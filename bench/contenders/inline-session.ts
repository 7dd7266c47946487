import { openSession, read, type Session } from 'offthread/orm';
import { keyOf } from '../database.js';
import { Note, User } from './entities.js';
import { NOTE, type Workload } from './workload.js';

const get = read((session: Session, from: number, count: number) => {
  let ages = 0;
  for (let i = from; i < from + count; i++) ages += session.get(User, keyOf(i))!.age;
  return ages;
});

const first = (session: Session, count: number) => session.query(User).orderBy('id').limit(count).all();

const list = read((session: Session, count: number) => first(session, count).length);

const add = (session: Session, count: number) => {
  for (let i = 1; i < count; i++) session.add(new Note({ author: i, text: NOTE }));
  const last = session.add(new Note({ author: count, text: NOTE }));
  session.flush();
  return last.id;
};

const visit = read((session: Session, count: number) => {
  let addresses = 0;
  for (const user of first(session, count)) addresses += user.addresses.length;
  return addresses;
});

/** The ORM on this thread, without a pool. */
export function openInlineSession(path: string): Workload {
  const session = openSession(`sqlite:${path}`, { synchronous: 'OFF' });
  return {
    get: (from, count) => session.call(get, from, count),
    list: (count) => session.call(list, count),
    add: (count) => session.call(add, count),
    visit: (count) => session.call(visit, count),
    [Symbol.asyncDispose]: () => Promise.resolve(void session.close()),
  };
}
