import { createTables, Entity, integer } from 'offthread/orm';
import type { Program } from './program.js';

// GINO: Transaction

export class Row extends Entity('mytable', { a: integer().primaryKey() }) {}

export const transactions: Program = (session, print) => {
  session.transaction((session) => createTables(session, [Row]));

  // async with connection.transaction()
  session.transaction((tx) => {
    tx.add(new Row({ a: 1 }));
  });
  print(session.query(Row).count());

  // tx.raise_rollback(): what leaves the function is what rolls back
  class Enough extends Error {}
  const untilEnough = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    }
  };
  untilEnough(() =>
    session.transaction((tx) => {
      tx.add(new Row({ a: 2 }));
      throw new Enough();
    }),
  );
  print(session.query(Row).count());

  // Nested: a savepoint
  session.transaction((tx1) => {
    tx1.add(new Row({ a: 3 }));
    untilEnough(() =>
      tx1.savepoint(() => {
        tx1.add(new Row({ a: 4 }));
        tx1.flush();
        throw new Enough();
      }),
    );
    print(tx1.query(Row).count());
  });

  // By hand
  try {
    session.add(new Row({ a: 5 }));
    session.commit();
  } catch (error) {
    session.rollback();
    throw error;
  }
  print(
    session
      .query(Row)
      .all()
      .map(({ a }) => a)
      .join(),
  );
};
