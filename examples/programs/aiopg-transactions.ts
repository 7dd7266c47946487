import { createTables, dropTables, Entity, integer, ReadOnlyError, read, type Session, text } from 'offthread/orm';
import type { Program } from './program.js';

// aiopg: examples/simple_sa_transaction.py, and the read-only part of isolation_sa_transaction.py

export class User extends Entity('users_sa_transaction', { id: integer().primaryKey(), name: text() }) {}

const add = (session: Session, id: number) => session.add(new User({ id, name: `test${id}` }));
const failing = (work: () => void) => {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
};
const fail = () => {
  throw new RangeError('undo this');
};

const readOnly = read(function readOnly(session: Session) {
  add(session, 1);
});

export const transactions: Program = (session, print) => {
  dropTables(session, [User], { ifExists: true });
  createTables(session, [User]);
  session.commit();
  const count = () => print(session.query(User).count());
  const empty = () => session.transaction((tx) => tx.query(User).delete());

  // success_transaction
  session.transaction((tx) => {
    add(tx, 1);
    add(tx, 2);
  });
  count();
  empty();

  // fail_transaction
  failing(() =>
    session.transaction((tx) => {
      add(tx, 1);
      fail();
    }),
  );
  count();

  // fail_nested_transaction: the inner one is undone, the outer one goes on
  session.transaction((tx) => {
    add(tx, 1);
    failing(() =>
      tx.savepoint(() => {
        add(tx, 2);
        fail();
      }),
    );
    tx.savepoint(() => add(tx, 2));
  });
  count();
  empty();

  // fail_first_nested_transaction: the outer one takes the inner ones with it
  failing(() =>
    session.transaction((tx) => {
      add(tx, 1);
      tx.savepoint(() => add(tx, 2));
      tx.savepoint(() => add(tx, 3));
      fail();
    }),
  );
  count();

  // readonly=True
  try {
    session.call(readOnly);
  } catch (error) {
    if (!(error instanceof ReadOnlyError)) throw error;
    print(error.message);
  }
};
