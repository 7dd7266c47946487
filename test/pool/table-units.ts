import { createTables, dropTables, read, type Session, write } from 'offthread/orm';
import * as entities from './entities.js';

export const setUp = write((session: Session) => createTables(session, entities));
export const tearDown = write((session: Session) => dropTables(session, entities));
export const add = write((session: Session, name: string) => {
  const user = session.add(new entities.User({ name }));
  session.flush();
  return user;
});
export const names = read((session: Session) =>
  session
    .query(entities.User)
    .all()
    .map(({ name }) => name),
);
