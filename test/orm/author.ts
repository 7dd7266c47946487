import { belongsTo, Entity, hasMany, integer, text } from '../../lib/orm/index.js';
import { Book } from './book.js';

/** Stands in a circle with book.ts: each file imports the other, and each entity has a key of the other. */
export class Author extends Entity('author', {
  id: integer().primaryKey(),
  name: text(),
  bestBookId: integer('best_book_id').nullable(),
}) {
  declare books: Book[];
  declare bestBook: Book | null;

  static relations = {
    books: hasMany(() => Book, 'authorId'),
    bestBook: belongsTo(() => Book, 'bestBookId'),
  };
}

export const SCHEMA = `
  create table author (id integer primary key, name text not null, best_book_id integer references book (id));
  create table book (id integer primary key, author_id integer not null references author (id), title text not null);
`;
