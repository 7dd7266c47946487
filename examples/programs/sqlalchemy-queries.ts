import { createTables, sql } from 'offthread/orm';
import type { Program } from './program.js';
import type * as entities from './sqlalchemy-quick-start.js';
import { Address, User } from './sqlalchemy-quick-start.js';

// SQLAlchemy: ORM Querying Guide, and the EXISTS forms of Working with ORM Related Objects

const PEOPLE = {
  spongebob: ['spongebob@sqlalchemy.org'],
  sandy: ['sandy@sqlalchemy.org', 'sandy@squirrelpower.org'],
  patrick: [],
  ehkrabs: ['krabs@krustykrab.org'],
};

export const queries: Program = (session, print) => {
  createTables(session, [User, Address]);
  for (const [name, emails] of Object.entries(PEOPLE)) {
    const user = session.add(new User({ name }));
    user.addresses = emails.map((emailAddress) => new Address({ emailAddress }));
  }
  session.commit();
  const show = (users: readonly User[]) => print(users.map(({ name }) => name).join());

  // Comparisons, in(), null, order and limit
  show(session.query(User).where('name', 'like', 's%').orderBy('name', 'desc').all());
  show(session.query(User).where('id', 'not in', [1, 2]).where({ fullname: null }).limit(1).all());

  // or_(), by Kysely's expression builder and with the names that SQL has
  show(
    session
      .query(User)
      .where((eb) => eb.or([eb('name', '=', 'sandy'), eb('id', '>', 3)]))
      .all(),
  );

  // User.addresses.any(), ~User.addresses.any(), Address.user.has(), with_parent()
  show(session.query(User).where({ addresses: {} }).all());
  show(session.query(User).where({ addresses: null }).all());
  show(session.query(User).where('addresses.emailAddress', 'like', '%squirrel%').all());
  const sandy = session.query(User).where({ name: 'sandy' }).one();
  print(session.query(Address).where({ user: sandy }).count());
  print(
    session
      .query(Address)
      .where({ user: { name: 'patrick' } })
      .exists(),
  );

  // Any statement of Kysely's, typed from the entities: rows, or entities
  const db = session.kysely<typeof entities>();
  const counts = session.run(
    db
      .selectFrom('user_account')
      .leftJoin('address', 'address.user_id', 'user_account.id')
      .groupBy('user_account.id')
      .select((eb) => ['name', eb.fn.count('address.id').as('addresses')]),
  );
  for (const { name, addresses } of counts) print(name, addresses);
  const busiest = db
    .selectFrom('user_account')
    .selectAll()
    .orderBy(sql`(select count(*) from address where user_id = user_account.id)`, 'desc')
    .limit(1);
  print(session.entities(User, busiest)[0] === sandy);
};
