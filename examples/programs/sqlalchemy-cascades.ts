import { belongsTo, createTables, Entity, EntityStateError, hasMany, integer, manyToMany, text } from 'offthread/orm';
import type { Program } from './program.js';

// SQLAlchemy: Cascades

export class User extends Entity('user', { id: integer().primaryKey(), name: text() }) {
  declare orders: Order[];
  declare addresses: Address[];
  declare notes: Note[];
  static relations = {
    orders: hasMany(() => Order, 'userId', { onRemove: 'delete', orphans: 'delete' }), // cascade="all, delete-orphan"
    addresses: hasMany(() => Address, 'userId', { onRemove: 'nullify' }), // SQLAlchemy's default
    notes: hasMany(() => Note, 'userId', { onRemove: 'refuse' }),
  };
}
export class Order extends Entity('order', { id: integer().primaryKey(), userId: integer('user_id').nullable() }) {
  declare user: User | null;
  declare items: Item[];
  static relations = {
    user: belongsTo(() => User, 'userId'),
    items: manyToMany(() => Item, { through: 'order_item', from: 'order_id', to: 'item_id' }),
  };
}
export class Item extends Entity('item', { id: integer().primaryKey(), name: text() }) {}
export class Address extends Entity('address', {
  id: integer().primaryKey(),
  email: text(),
  userId: integer('user_id').nullable(),
}) {}
export class Note extends Entity('note', { id: integer().primaryKey(), userId: integer('user_id').nullable() }) {}

export const cascades: Program = (session, print) => {
  createTables(session, [User, Order, Item, Address, Note]);
  const counts = () =>
    [User, Order, Item, Address, Note].map((entity) => session.query(entity as typeof Note).count()).join();

  // save-update: what is reached through relations is added too
  const ed = session.add(new User({ name: 'ed' }));
  const order = new Order({});
  const item = new Item({ name: 'kettle' });
  order.items.push(item);
  ed.orders.push(order, new Order({}));
  ed.addresses.push(new Address({ email: 'ed@example.org' }));
  ed.notes.push(new Note({}));
  session.commit();
  print(counts());

  // delete-orphan
  ed.orders.splice(1, 1);
  session.commit();
  print(counts());

  // refuse: nothing is removed while there is a note
  session.remove(ed);
  try {
    session.commit();
  } catch (error) {
    if (!(error instanceof EntityStateError)) throw error;
    print(error.message);
    session.rollback();
  }

  // delete: orders go, with their rows of order_item; nullify: addresses stay; items are nobody's
  for (const note of [...ed.notes]) session.remove(note);
  session.remove(ed);
  session.commit();
  print(counts());
  print(session.query(Address).one().userId);
};
