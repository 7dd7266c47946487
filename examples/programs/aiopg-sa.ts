import {
  belongsTo,
  boolean,
  createTables,
  dropTables,
  Entity,
  hasMany,
  integer,
  sql,
  text,
  timestamp,
} from 'offthread/orm';
import type { Program } from './program.js';

// aiopg: examples/sa.py

export class User extends Entity('users', {
  id: integer().primaryKey(),
  name: text().nullable(),
  birthday: timestamp().nullable(),
}) {
  declare emails: Email[];
  static relations = { emails: hasMany(() => Email, 'userId') };
}
export class Email extends Entity('emails', {
  id: integer().primaryKey(),
  userId: integer('user_id').nullable(),
  email: text(),
  private: boolean(),
}) {
  declare user: User | null;
  static relations = { user: belongsTo(() => User, 'userId') };
}

const PEOPLE = { Andrew: 1, Bob: 2, Julia: 3, Lina: 1, Olga: 2 };

export const sa: Program = (session, print) => {
  // create_tables
  dropTables(session, [User, Email], { ifExists: true });
  createTables(session, [User, Email]);
  session.commit();

  // fill_data: keys are known when they are needed, so that nobody asks for them
  session.transaction((session) => {
    for (const [i, [name, count]] of Object.entries(PEOPLE).entries()) {
      const user = session.add(new User({ name, birthday: new Date(Date.UTC(1990 + i, i, 1)) }));
      for (let n = 0; n < count; n++)
        user.emails.push(new Email({ email: `${name}+${n}@gmail.com`, private: n !== 1 }));
    }
  });

  // count
  print(
    `Population consists of ${session.query(User).count()} people with ${session.query(Email).count()} emails in total`,
  );
  print('Users with public emails:');
  for (const { name } of session.query(User).where({ emails: { private: false } })) print(name);

  // show_julia
  print('Lookup for Julia:');
  const found = session
    .query(Email)
    .where({ user: { name: 'Julia' } })
    .with('user');
  for (const { user, email, private: isPrivate } of found)
    print(user?.name, user?.birthday?.toISOString().slice(0, 10), email, isPrivate);

  // ave_age: what SQL can, SQL does
  const [average] = session.run(
    sql<{ years: number }>`select avg(2026 - strftime('%Y', birthday)) as years from users`,
  );
  print('Average age of population is', average?.years, 'years');

  // Through Kysely rows come as they are stored, and are compared so: a moment is text, a boolean 1 or 0
  const db = session.kysely<{ User: typeof User; Email: typeof Email }>();
  const since = new Date(Date.UTC(1993, 0));
  const young = session.run(
    db
      .selectFrom('users')
      .innerJoin('emails', 'emails.user_id', 'users.id')
      .select(['name', 'birthday', 'private'])
      .where('birthday', '>=', sql<string>`${since}`)
      .where('private', '=', 0),
  );
  for (const row of young) print(row.name, row.birthday?.slice(0, 10), row.private === 1);
};
