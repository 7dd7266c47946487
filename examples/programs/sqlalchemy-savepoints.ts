import { createTables, DatabaseError, Entity, integer, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: Transactions and Connection Management, Using SAVEPOINT

export class Record extends Entity('record', { id: integer().primaryKey(), name: text().unique() }) {}

export const savepoints: Program = (session, print) => {
  createTables(session, [Record]);
  session.add(new Record({ name: 'u1' }));
  session.add(new Record({ name: 'u2' }));

  // A savepoint for each, so that one that is refused does not cost the others
  for (const name of ['u2', 'u3', 'u1', 'u4']) {
    try {
      session.savepoint(() => session.add(new Record({ name })));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== 'unique') throw error;
      print(`Skipped record ${name}`);
    }
  }
  session.commit();
  print(
    session
      .query(Record)
      .orderBy('id')
      .all()
      .map(({ name }) => name)
      .join(),
  );

  // What was changed within is as it was before, in the database and in memory
  const u4 = session.query(Record).where({ name: 'u4' }).one();
  try {
    session.savepoint(() => {
      u4.name = 'u5';
      session.flush();
      throw new RangeError('not this one');
    });
  } catch (error) {
    print((error as Error).message, u4.name);
  }
};
