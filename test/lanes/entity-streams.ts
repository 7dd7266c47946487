import { read, type Session } from 'offthread/orm';
import { Note } from './note.js';

export * from './streams.js';

export const notes = read(function* (session: Session) {
  for (const note of session.query(Note).orderBy('id').iterate()) yield note;
});
export const spread = read((session: Session) => session.query(Note).orderBy('id').iterate());
