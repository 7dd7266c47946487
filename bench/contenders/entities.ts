import { belongsTo, Entity, hasMany, integer, text } from 'offthread/orm';

export class User extends Entity('user', {
  id: integer().primaryKey(),
  name: text(),
  email: text(),
  age: integer(),
  bio: text(),
}) {
  declare addresses: Address[];
  static relations = { addresses: hasMany(() => Address, 'userId') };
}

export class Address extends Entity('address', {
  id: integer().primaryKey(),
  userId: integer('user_id'),
  street: text(),
}) {
  declare user: User;
  static relations = { user: belongsTo(() => User, 'userId') };
}

export class Note extends Entity('note', { id: integer().primaryKey(), author: integer(), text: text() }) {}
