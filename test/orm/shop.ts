import { belongsTo, Entity, hasMany, integer, text } from '../../lib/orm/index.js';

export class User extends Entity('user', {
  id: integer().primaryKey(),
  name: text().unique(),
  email: text().nullable(),
  age: integer().nullable(),
}) {
  declare addresses: Address[];
  declare orders: Order[];

  static relations = {
    addresses: hasMany(() => Address, 'userId'),
    orders: hasMany(() => Order, 'userId'),
  };

  get label(): string {
    return `${this.name} (${this.addresses.length})`;
  }
  rename(name: string): void {
    this.name = name;
  }
}

/** May belong to nobody. */
export class Address extends Entity('address', {
  id: integer().primaryKey(),
  userId: integer('user_id').nullable(),
  street: text(),
}) {
  declare user: User | null;

  static relations = { user: belongsTo(() => User, 'userId') };
}

/** Always belongs to somebody. */
export class Order extends Entity('order', {
  id: integer().primaryKey(),
  userId: integer('user_id'),
  total: integer().default(0),
}) {
  declare user: User;

  static relations = { user: belongsTo(() => User, 'userId') };
}

export const SCHEMA = `
  create table user (id integer primary key, name text not null unique, email text, age integer);
  create table address (id integer primary key, user_id integer references user (id), street text not null);
  create table "order" (id integer primary key, user_id integer not null references user (id), total integer not null);
  insert into user values
    (1, 'Ada', 'ada@example.org', 36), (2, 'Bob', null, 25), (3, 'Cyd', null, 36), (4, 'Dee', 'dee@example.org', null);
  insert into address values (1, 1, 'North'), (2, 1, 'South'), (3, 2, 'East'), (4, null, 'Nowhere');
  insert into "order" values (1, 1, 10), (2, 1, 20), (3, 3, 30);
`;
