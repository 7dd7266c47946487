import { Entity, hasMany, integer, text } from 'offthread/orm';

export class Author extends Entity('author', { id: integer().primaryKey(), name: text() }) {
  declare books: Book[];
  static relations = { books: hasMany(() => Book, 'authorId') };
}
export class Book extends Entity('book', {
  id: integer().primaryKey(),
  authorId: integer('author_id').references('author'),
  title: text(),
}) {}
