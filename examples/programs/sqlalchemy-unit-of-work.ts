import { createTables, sql } from 'offthread/orm';
import type { Program } from './program.js';
import { Address, User } from './sqlalchemy-quick-start.js';

// SQLAlchemy: Unified Tutorial, Data Manipulation with the ORM

export const unitOfWork: Program = (session, print) => {
  createTables(session, [User, Address]);
  session.run(sql`insert into user_account (name, fullname) values
    ('spongebob', 'Spongebob Squarepants'), ('sandy', 'Sandy Cheeks'), ('patrick', 'Patrick Star')`);
  session.commit();

  // Instances of classes represent rows
  const squidward = new User({ name: 'squidward', fullname: 'Squidward Tentacles' });
  const krabs = new User({ name: 'ehkrabs', fullname: 'Eugene H. Krabs' });
  print(squidward);

  // Adding, flushing, keys that the database makes
  session.add(squidward);
  session.add(krabs);
  session.flush();
  print(squidward.id, krabs.id);

  // The identity map
  print(session.get(User, 4) === squidward);
  session.commit();

  // Updating: a query flushes first what it could see
  const sandy = session.query(User).where({ name: 'sandy' }).one();
  sandy.fullname = 'Sandy Squirrel';
  print(session.query(User).where({ fullname: 'Sandy Squirrel' }).count());

  // Deleting
  const patrick = session.get(User, 3)!;
  session.remove(patrick);
  print(session.query(User).where({ name: 'patrick' }).first());

  // Rolling back: entities become as the database is
  session.rollback();
  print(sandy.fullname);
  print(session.get(User, 3) === patrick);

  // Update and delete in bulk
  print(session.query(User).where('name', 'in', ['sandy', 'patrick']).update({ fullname: sql<string>`upper(name)` }));
  print(sandy.fullname); // entities that the session knows follow
  print(session.query(User).where('fullname', 'like', 'S%').delete());
  session.commit();
};
