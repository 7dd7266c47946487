import { belongsTo, Entity, integer, text } from 'offthread/orm';

export class Author extends Entity('author', {
  id: integer().primaryKey(),
  name: text(),
  penName: text('pen_name').nullable(),
  born: integer().default(1900),
}) {}

export class Book extends Entity('book', {
  id: integer().primaryKey(),
  authorId: integer('author_id'),
  title: text().unique(),
  pages: integer().nullable(),
}) {
  declare author: Author;
  static relations = { author: belongsTo(() => Author, 'authorId') };
}
