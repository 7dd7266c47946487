import { read, type Session, sql, write } from 'offthread/orm';
import { User } from './entities.js';

export const userPage = read((session: Session, id: number) => {
  const user = session.get(User, id);
  return user && { name: user.name, streets: user.addresses.map(({ street }) => street) };
});

export const userList = read((session: Session, ids: readonly number[]) =>
  ids.map((id) => session.get(User, id)).map((user) => user && { name: user.name, email: user.email }),
);

/** A write that takes its time: it holds the database's one lock while it counts. */
export const addSlowNote = write((session: Session, steps: number) => {
  session.run(sql`insert into note (author, text) values (0, 'slow')`);
  session.run(sql`
    with recursive step(i) as (select 1 union all select i + 1 from step where i < ${steps}) select sum(i) from step`);
});
