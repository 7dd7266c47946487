import { belongsTo, Entity, hasMany, integer, text } from '../../lib/orm/index.js';
import { Author } from './author.js';

export class Book extends Entity('book', {
  id: integer().primaryKey(),
  authorId: integer('author_id').default(0),
  title: text(),
}) {
  declare author: Author;
  declare bestOf: Author[];

  static relations = {
    author: belongsTo(() => Author, 'authorId'),
    bestOf: hasMany(() => Author, 'bestBookId'),
  };
}
