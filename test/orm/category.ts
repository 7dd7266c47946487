import { belongsTo, Entity, hasMany, integer, text } from '../../lib/orm/index.js';

/** A tree: an entity that is related to itself, both ways. */
export class Category extends Entity('category', {
  id: integer().primaryKey(),
  parentId: integer('parent_id').nullable(),
  name: text(),
}) {
  declare parent: Category | null;
  declare children: Category[];

  static relations = {
    parent: belongsTo(() => Category, 'parentId'),
    children: hasMany(() => Category, 'parentId'),
  };

  get path(): string {
    return this.parent === null ? this.name : `${this.parent.path} > ${this.name}`;
  }
}

export const SCHEMA = `
  create table category (id integer primary key, parent_id integer references category (id), name text not null);
  insert into category values
    (1, null, 'Plants'), (2, null, 'Tools'), (3, 1, 'Trees'), (4, 1, 'Herbs'), (5, 2, 'Saws'), (6, 3, 'Oaks');
`;
