import { createTables, Entity, integer, StaleEntityError, sql, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: Configuring a Version Counter

export class User extends Entity('user', {
  id: integer().primaryKey(),
  versionId: integer('version_id').version(),
  name: text(),
}) {}

export const versions: Program = (session, print) => {
  createTables(session, [User]);
  const user = session.add(new User({ name: 'ed' }));
  session.commit();
  print(user.versionId);
  user.name = 'edward';
  session.commit();
  print(user.versionId);

  // Somebody else writes the row, by whatever way
  session.run(sql`update user set name = 'eddie', version_id = version_id + 1`);
  session.commit();
  user.name = 'ned';
  try {
    session.commit();
  } catch (error) {
    if (!(error instanceof StaleEntityError)) throw error;
    print(error.message);
    session.rollback();
    session.refresh(user);
  }
  print(user.name, user.versionId);

  // An update in bulk counts too, where SQLAlchemy's passes the versions by
  session.query(User).update({ name: 'Ned' });
  print(user.name, user.versionId);
  session.commit();

  // The same guards an edit that was made elsewhere: what was sent knows its version
  try {
    session.merge(User, { id: user.id, versionId: 1, name: 'Ned' });
  } catch (error) {
    if (!(error instanceof StaleEntityError)) throw error;
    print(error.name);
  }
};
