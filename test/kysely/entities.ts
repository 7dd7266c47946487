import { belongsTo, bigint, blob, boolean, Entity, integer, json, real, text, timestamp } from 'offthread/orm';

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

export class Everything extends Entity('everything', {
  key: text().primaryKey(),
  big: bigint('a_bigint'),
  real: real(),
  flag: boolean(),
  at: timestamp('created_at'),
  data: json<{ a: number }, 'data_json'>('data_json'),
  bytes: blob(),
}) {}
export const notAnEntity = { table: 'nothing' };
