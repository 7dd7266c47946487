import { bigint, blob, Entity, integer, text, timestamp } from '../../lib/orm/index.js';

export class Country extends Entity('country', { code: text().primaryKey(), name: text() }) {}

export class Ledger extends Entity('ledger', { id: bigint().primaryKey(), title: text() }) {}

/** Nothing but its key. */
export class Ticket extends Entity('ticket', { id: integer().primaryKey() }) {}

export class Seat extends Entity('seat', {
  row: text().primaryKey(),
  number: integer('seat_number').primaryKey(),
  taken: integer().default(0),
}) {}

export class Moment extends Entity('moment', { at: timestamp().primaryKey(), what: text() }) {}

export class File extends Entity('file', { digest: blob().primaryKey(), path: text() }) {}

export const SCHEMA = `
  create table country (code text primary key, name text not null);
  create table ledger (id integer primary key, title text not null);
  create table ticket (id integer primary key);
  create table seat ("row" text, seat_number integer, taken integer not null, primary key ("row", seat_number));
  create table moment (at text primary key, what text not null);
  create table file (digest blob primary key, path text not null);
`;
