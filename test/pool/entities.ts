import { belongsTo, bigint, blob, Entity, hasMany, integer, json, text, timestamp } from 'offthread/orm';

export class User extends Entity('user', {
  id: integer().primaryKey(),
  name: text(),
  email: text().nullable().unique(),
  tags: json<string[]>().default(() => []),
  photo: blob().nullable(),
  joined: timestamp().nullable(),
  coins: bigint().nullable(),
}) {
  declare addresses: Address[];
  static relations = { addresses: hasMany(() => Address, 'userId') };
  get label(): string {
    return `${this.name} (${this.addresses.length})`;
  }
  greet(): string {
    return `Hello, ${this.name}`;
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
