import { createTables, Entity, integer, sql } from 'offthread/orm';
import type { Program } from './program.js';

export class Account extends Entity('account', { id: integer().primaryKey(), balance: integer() }) {}

export const locks: Program = (session, print) => {
  createTables(session, [Account]);
  session.add(new Account({ balance: 100 }));
  session.add(new Account({ balance: 0 }));
  session.commit();

  // with_for_update(): read again under the lock, so that what is computed from it is right
  const from = session.get(Account, 1, { lock: 'update' })!;
  const [to] = session.query(Account).where({ id: 2 }).forUpdate().all();
  from.balance -= 30;
  to!.balance += 30;
  session.commit();
  print(
    session
      .query(Account)
      .all()
      .map(({ balance }) => balance)
      .join(),
  );

  // What need not be read is best not read
  const paid = session
    .query(Account)
    .where({ id: 1 })
    .where('balance', '>=', 50)
    .update({ balance: sql<number>`balance - 50` });
  print(paid, from.balance);
};
