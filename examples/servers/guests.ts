import { Entity, integer, read, type Session, text, write } from 'offthread/orm';

export class Guest extends Entity('guest', { id: integer().primaryKey(), name: text() }) {}

export class Refused extends Error {
  override name = 'Refused';
}

export const guests = read((session: Session) => session.query(Guest).orderBy('id').limit(100).all());

export const guest = read((session: Session, id: number) => session.get(Guest, id) ?? null);

export const sign = write((session: Session, name: unknown) => {
  if (typeof name !== 'string' || name.trim() === '') throw new Refused('a guest has a name');
  const guest = session.add(new Guest({ name: name.trim() }));
  session.flush();
  return guest;
});
