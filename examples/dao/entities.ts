import { belongsTo, Entity, hasMany, integer, text } from 'offthread/orm';

export class Customer extends Entity('customer', { id: integer().primaryKey(), name: text() }) {
  declare purchases: Purchase[];
  static relations = { purchases: hasMany(() => Purchase, 'customerId', { orderBy: 'id' }) };
}

export class Purchase extends Entity('purchase', {
  id: integer().primaryKey(),
  customerId: integer('customer_id').references('customer'),
  day: text(),
}) {
  declare lines: Line[];
  static relations = { lines: hasMany(() => Line, 'purchaseId', { orderBy: 'id' }) };

  get cents(): number {
    return this.lines.reduce((sum, { cents }) => sum + cents, 0);
  }
}

export class Line extends Entity('line', {
  id: integer().primaryKey(),
  purchaseId: integer('purchase_id').references('purchase'),
  article: text(),
  cents: integer(),
}) {
  declare purchase: Purchase;
  static relations = { purchase: belongsTo(() => Purchase, 'purchaseId') };
}
