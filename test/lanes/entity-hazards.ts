import { read, type Session, sql, write } from 'offthread/orm';
import { Note } from './note.js';

export * from './hazards.js';

/** Catches the error, and goes on writing as if nothing had happened. */
export const swallowRaise = write((session: Session, id: number) => {
  try {
    session.savepoint(() => session.run(sql`insert into note (body) values ('refused')`));
  } catch {}
  session.add(new Note({ id }));
});
export const iterate = write((session: Session, id: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  session.query(Note).iterate().next();
});
export const iterateReading = read((session: Session) => session.query(Note).orderBy('id').iterate().next().value?.id);
/** Reads by its mark only. */
export const readThatAdds = read((session: Session, id: number) => {
  session.add(new Note({ id }));
});
