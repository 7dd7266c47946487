import { belongsTo, createTables, Entity, hasMany, integer, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: ORM Quick Start

export class User extends Entity('user_account', {
  id: integer().primaryKey(),
  name: text(),
  fullname: text().nullable(),
}) {
  declare addresses: Address[];
  static relations = {
    addresses: hasMany(() => Address, 'userId', { onRemove: 'delete', orphans: 'delete' }),
  };

  override toString() {
    return `User(id=${this.id}, name=${this.name}, fullname=${this.fullname})`;
  }
}

export class Address extends Entity('address', {
  id: integer().primaryKey(),
  emailAddress: text('email_address'),
  userId: integer('user_id').references('user_account'), // may be left out of new: its relation says whose it is
}) {
  declare user: User;
  static relations = { user: belongsTo(() => User, 'userId') };

  override toString() {
    return `Address(id=${this.id}, emailAddress=${this.emailAddress})`;
  }
}

export const quickStart: Program = (session, print) => {
  createTables(session, [User, Address]);

  // Create objects and persist
  const spongebob = session.add(new User({ name: 'spongebob', fullname: 'Spongebob Squarepants' }));
  spongebob.addresses.push(new Address({ emailAddress: 'spongebob@sqlalchemy.org' }));
  const sandy = session.add(new User({ name: 'sandy', fullname: 'Sandy Cheeks' }));
  sandy.addresses.push(
    new Address({ emailAddress: 'sandy@sqlalchemy.org' }),
    new Address({ emailAddress: 'sandy@squirrelpower.org' }),
  );
  session.add(new User({ name: 'patrick', fullname: 'Patrick Star' }));
  session.commit();

  // Simple select
  for (const user of session.query(User).where({ name: ['spongebob', 'sandy'] })) print(user);

  // Select with join
  const sandyAddress = session
    .query(Address)
    .where({ user: { name: 'sandy' }, emailAddress: 'sandy@sqlalchemy.org' })
    .one();
  print(sandyAddress);

  // Make changes
  const patrick = session.query(User).where({ name: 'patrick' }).one();
  patrick.addresses.push(new Address({ emailAddress: 'patrickstar@sqlalchemy.org' }));
  sandyAddress.emailAddress = 'sandy_cheeks@sqlalchemy.org';
  session.commit();

  // Some deletes
  sandy.addresses.splice(sandy.addresses.indexOf(sandyAddress), 1); // an orphan now, and deleted as one
  session.flush();
  session.remove(patrick); // and its addresses
  session.commit();
  for (const { name, addresses } of session.query(User)) print(name, addresses.join(', '));
};
