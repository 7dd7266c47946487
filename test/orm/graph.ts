import { belongsTo, Entity, hasMany, hasOne, integer, manyToMany, text } from '../../lib/orm/index.js';

/** A small graph with every rule of cascades; the model beside it is graph-model.ts. */
export class Owner extends Entity('owner', { id: integer().primaryKey(), name: text() }) {
  declare items: Item[];
  declare badge: Badge | null;
  static relations = {
    items: hasMany(() => Item, 'ownerId', { onRemove: 'delete', orphans: 'delete' }),
    badge: hasOne(() => Badge, 'ownerId', { onRemove: 'nullify' }),
  };
}
export class Item extends Entity('item', {
  id: integer().primaryKey(),
  name: text(),
  ownerId: integer('owner_id').default(0),
}) {
  declare owner: Owner;
  declare tags: Tag[];
  static relations = {
    owner: belongsTo(() => Owner, 'ownerId'),
    tags: manyToMany(() => Tag, { through: 'item_tag', from: 'item_id', to: 'tag_id' }),
  };
}
export class Badge extends Entity('badge', {
  id: integer().primaryKey(),
  name: text(),
  ownerId: integer('owner_id').nullable().unique(),
}) {
  declare owner: Owner | null;
  static relations = { owner: belongsTo(() => Owner, 'ownerId') };
}
export class Tag extends Entity('tag', { id: integer().primaryKey(), name: text() }) {
  declare items: Item[];
  static relations = { items: manyToMany(() => Item, { through: 'item_tag', from: 'tag_id', to: 'item_id' }) };
}
export class Leaf extends Entity('leaf', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer('parent_id').nullable(),
}) {
  declare parent: Leaf | null;
  declare children: Leaf[];
  static relations = {
    parent: belongsTo(() => Leaf, 'parentId'),
    children: hasMany(() => Leaf, 'parentId', { onRemove: 'nullify' }),
  };
}

export const KINDS = { owner: Owner, item: Item, badge: Badge, tag: Tag, leaf: Leaf } as const;
export type Kind = keyof typeof KINDS;
