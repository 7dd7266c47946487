import { createTables, date, Entity, integer, sql, text } from 'offthread/orm';
import type { Program } from './program.js';

// GINO: Tutorial

export class User extends Entity('users', { id: integer().primaryKey(), nickname: text().default('noname') }) {}

export class Booking extends Entity(
  'bookings',
  { day: date().primaryKey(), booker: text().primaryKey(), room: text() },
  { unique: [['day', 'room']], indexes: [['booker', 'room']] },
) {}

export const crud: Program = (session, print) => {
  createTables(session, [User, Booking]);

  // Create
  const fantix = session.add(new User({ nickname: 'fantix' }));
  session.flush();
  print(`ID:       ${fantix.id}`);
  print(`Nickname: ${fantix.nickname}`);
  const founder = new User({ nickname: 'fantix' });
  founder.nickname += ' (founder)';
  session.add(founder);
  session.commit();

  // Retrieve
  print(session.get(User, 1) === fantix); // where GINO makes another object
  print(session.query(User).all().length);
  print(session.query(User).where('id', '<', 10).all().length);
  print(session.query(User).where({ nickname: 'fantix' }).first()?.id);
  const [row] = session.run(sql<{ nickname: string }>`select nickname from users where id = ${1}`);
  print(row?.nickname);
  print(session.query(User).count());

  // Update
  fantix.nickname = 'daisy';
  session.flush();
  print(session.run(sql<{ nickname: string }>`select nickname from users where id = 1`)[0]?.nickname);
  const renamed = session
    .query(User)
    .where('id', '<', 10)
    .update({ nickname: sql<string>`'Founding Member ' || nickname` });
  print(renamed, fantix.nickname);

  // Delete
  session.remove(fantix);
  session.flush();
  print(session.get(User, 1));
  print(session.query(User).where('id', '>', 1).delete());

  session.add(new Booking({ day: '2026-01-31', booker: 'daisy', room: 'blue' }));
  session.commit();
  print(session.get(Booking, ['2026-01-31', 'daisy'])?.room);
};
