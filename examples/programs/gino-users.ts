import { Entity, integer, pick, read, type Session, text, write } from 'offthread/orm';

export class User extends Entity('users', { id: integer().primaryKey(), nickname: text().default('noname') }) {}

export class NotFound extends Error {
  override name = 'NotFound';
}

/** GINO's `get_or_404` */
function find(session: Session, id: number): User {
  const user = session.get(User, id);
  if (!user) throw new NotFound(`there is no user ${id}`);
  return user;
}

export const getUser = read((session: Session, id: number) => pick(find(session, id), { id: true, nickname: true }));

export const addUser = write((session: Session, nickname: string) => {
  const user = session.add(new User({ nickname }));
  session.flush();
  return user;
});

export const renameUser = write((session: Session, id: number, nickname: string) => {
  find(session, id).nickname = nickname;
});

export const removeUser = write((session: Session, id: number) => session.remove(find(session, id)));
