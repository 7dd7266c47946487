import { belongsTo, Entity, hasMany, integer, read, type Session, text, write } from 'offthread/orm';

export class User extends Entity('user', { id: integer().primaryKey(), name: text(), email: text().nullable() }) {
  declare addresses: Address[];
  static relations = { addresses: hasMany(() => Address, 'userId') };
  get label(): string {
    return `${this.name} (${this.addresses.length})`;
  }
}

export class Address extends Entity('address', {
  id: integer().primaryKey(),
  userId: integer('user_id'),
  street: text(),
}) {
  declare user: User;
  static relations = { user: belongsTo(() => User, 'userId') };
}

export const userPage = read((session: Session, id: number) => {
  const user = session.get(User, id);
  return user && { name: user.name, streets: user.addresses.map((address) => address.street) };
});
export const rename = write((session: Session, id: number, name: string) => {
  const user = session.get(User, id);
  if (user) user.name = name;
});
export const everyone = read((session: Session) => session.query(User).with('addresses').all());
export const greet = write((_session: Session, to: { name: string; by: string }) => to.name);
export const names = read(function* (session: Session) {
  for (const user of session.query(User).iterate()) yield user.name;
});
export const late = (_session: Session, id: number) => Promise.resolve(id);
