import { read, type Session, sql } from 'offthread/orm';
import { nextKey } from '../mysql-server.js';
import { User } from './entities.js';
import type { UserRow } from './plans.js';

/** Five queries, each for what the last one has found. */
export const fiveSteps = read((session: Session, first: number) => {
  let key = first;
  for (let step = 0; step < 5; step++) {
    const [user] = session.run(sql<UserRow>`select id, name, email, age, bio from user where id = ${key}`);
    key = nextKey(user as UserRow);
  }
  return key;
});

export const userPage = read((session: Session, id: number) => {
  const user = session.get(User, id);
  return user && { name: user.name, streets: user.addresses.map(({ street }) => street) };
});
