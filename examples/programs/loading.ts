import { belongsTo, createTables, Entity, hasMany, integer, LazyLoadRefusedError, pick, text } from 'offthread/orm';
import type { Program } from './program.js';

export class Shop extends Entity('shop', { id: integer().primaryKey(), name: text() }) {
  declare orders: Order[];
  static relations = { orders: hasMany(() => Order, 'shopId', { orderBy: { id: 'desc' } }) };

  get label() {
    return this.name.toUpperCase();
  }
}
export class Order extends Entity('order', {
  id: integer().primaryKey(),
  shopId: integer('shop_id').references('shop'),
  note: text().default(''),
}) {
  declare shop: Shop;
  declare lines: Line[];
  static relations = {
    shop: belongsTo(() => Shop, 'shopId'),
    lines: hasMany(() => Line, 'orderId', { lazy: 'refuse' }), // lazy="raise": by with(), or not at all
  };
}
export class Line extends Entity('line', {
  id: integer().primaryKey(),
  orderId: integer('order_id').references('order'),
  what: text(),
}) {}

export const loading: Program = (session, print) => {
  createTables(session, [Shop, Order, Line]);
  for (const name of ['north', 'south', 'west']) {
    const shop = session.add(new Shop({ name }));
    for (let i = 0; i < 2; i++) {
      const order = new Order({});
      shop.orders.push(order);
      order.lines.push(new Line({ what: 'tea' }), new Line({ what: 'cake' }));
    }
  }
  session.commit();

  // Lazy: the first touch loads it for all shops of the result
  session.transaction((session) => {
    for (const { name, orders } of session.query(Shop).all()) print(name, orders.map(({ id }) => id).join());
  });

  // Ahead: one statement a step
  session.transaction((session) => {
    const shops = session.query(Shop).with('orders.lines').all();
    print(shops.flatMap(({ orders }) => orders.flatMap(({ lines }) => lines)).length);
  });

  // Refused
  session.transaction((session) => {
    const refused = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        if (!(error instanceof LazyLoadRefusedError)) throw error;
        print(error.message);
      }
    };
    refused(() => session.get(Order, 1)?.lines);
    refused(() => session.query(Shop).refuseLazy().first()?.orders);
  });

  // What to send: what it names and nothing else
  session.transaction((session) => {
    const shop = session.query(Shop).where({ name: 'south' }).one();
    print(JSON.stringify(pick(shop, { label: true, orders: { id: true } })));
  });

  // In constant memory: those that were passed are let go, and changes to them are flushed
  session.transaction((session) => {
    for (const line of session.query(Line).where({ what: 'tea' }).iterate()) line.what = `green tea ${line.id}`;
  });
  print(session.query(Line).where('what', 'like', 'green%').count());
};
