import type { Detached } from 'offthread';
import { createTables, EntityStateError } from 'offthread/orm';
import type { Program } from './program.js';
import { Address, User } from './sqlalchemy-quick-start.js';

// SQLAlchemy: State Management

export const states: Program = (session, print) => {
  createTables(session, [User, Address]);
  session.commit();
  const refused = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof EntityStateError)) throw error;
      print(error.message);
    }
  };

  const ed = new User({ name: 'ed' }); // transient
  refused(() => session.refresh(ed));
  session.add(ed); // pending
  session.flush(); // persistent
  session.remove(ed);
  session.remove(ed); // removed; twice is once
  session.add(ed); // and back
  session.commit();
  print(session.get(User, ed.id) === ed);

  // Refresh: its row again, over a change that was not flushed
  ed.name = 'edward';
  session.refresh(ed);
  print(ed.name);

  // Detached: deleted and committed
  const jack = session.add(new User({ name: 'jack' }));
  session.commit();
  session.remove(jack);
  session.commit();
  refused(() => session.add(jack));

  // Of another session
  session.transaction((other) => refused(() => other.remove(ed)));

  // merge: what left a unit comes back, edited
  const sent: Detached<User> = { id: ed.id, name: 'Ed', fullname: 'Ed Jones' };
  const merged = session.merge(User, sent);
  print(merged === ed, ed);
  session.commit();
};
