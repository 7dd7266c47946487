import { bigint, blob, boolean, Entity, integer, json, real, text, timestamp } from 'offthread/orm';

const columns = {
  id: integer().primaryKey(),
  whole: integer().default(0),
  big: bigint().default(0n),
  ratio: real().default(0),
  words: text().default(''),
  flag: boolean().default(false),
  at: timestamp().default(new Date(0)),
  data: json().default({}),
  bytes: blob().default(() => Buffer.alloc(0)),
};
export type Property = Exclude<keyof typeof columns, 'id'>;

/** A column of every type. */
export class Value extends Entity('value', columns) {}

/** The same columns, each of which may be null. */
export class Maybe extends Entity('value', {
  id: integer().primaryKey(),
  whole: integer().nullable(),
  big: bigint().nullable(),
  ratio: real().nullable(),
  words: text().nullable(),
  flag: boolean().nullable(),
  at: timestamp().nullable(),
  data: json().nullable(),
  bytes: blob().nullable(),
}) {}

/** The same columns where SQLite converts nothing, so that anything can stand in them. */
export class Loose extends Entity('loose', columns) {}

export const SCHEMA = `
  create table value (
    id integer primary key, whole integer, big integer, ratio real, words text, flag integer, at text, data text, bytes blob
  );
  create table loose (id integer primary key, whole, big, ratio, words, flag, at, data, bytes);
`;

/** A new Value with one property set, whatever its type says. */
export const valueWith = (property: Property, value: unknown): Value =>
  Object.assign(new Value({}), { [property]: value });
