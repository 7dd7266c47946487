import { Entity, integer, sql, text } from '../../lib/orm/index.js';

/** With columns that set themselves. */
export class Note extends Entity('note', {
  id: integer().primaryKey(),
  text: text(),
  length: integer().generated(sql`length("text")`),
  revision: integer().version(),
  changed: text()
    .nullable()
    .onUpdate(() => 'now'),
}) {}

export const NOTES = `
  create table note (id integer primary key, text text not null, length integer generated always as (length(text)),
    revision integer not null, changed text);
  insert into note (id, text, revision) values (1, 'one', 7), (2, 'two', 5);
`;
