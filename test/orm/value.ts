import {
  bigint,
  blob,
  boolean,
  column,
  date,
  decimal,
  Entity,
  integer,
  json,
  real,
  text,
  timestamp,
  uuid,
} from '../../lib/orm/index.js';
import type { Dialect } from './database.js';
import { MYSQL } from './mysql-schema.js';

export interface Point {
  x: number;
  y: number;
}
/** A type of the program's own. */
const point = column<Point, 'text'>({
  name: 'point',
  storedAs: 'text',
  write: ({ x, y }) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new TypeError('x and y are finite numbers');
    return `${x} ${y}`;
  },
  read: (stored) => {
    const [x = Number.NaN, y = Number.NaN] = String(stored).split(' ').map(Number);
    if (Number.isNaN(x + y)) throw new TypeError('it has two numbers');
    return { x, y };
  },
});

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
  day: date().default('2000-01-01'),
  price: decimal().default('0'),
  cents: decimal({ precision: 8, scale: 2 }).default('0'),
  token: uuid().default('00000000-0000-4000-8000-000000000000'),
  spot: point().default({ x: 0, y: 0 }),
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
  day: date().nullable(),
  price: decimal().nullable(),
  cents: decimal({ precision: 8, scale: 2 }).nullable(),
  token: uuid().nullable(),
  spot: point().nullable(),
}) {}

/** The same columns where the database converts nothing, so that anything can stand in them. */
export class Loose extends Entity('loose', columns) {}

const ON_SQLITE = `
  create table value (
    id integer primary key, whole integer, big integer, ratio real, words text, flag integer, at text, data text,
    bytes blob, day text, price text, cents text, token text, spot text
  );
  create table loose (
    id integer primary key, whole default 0, big default 0, ratio default 0, words default '', flag default 0,
    at default '2000-01-01 00:00:00', data default '{}', bytes default x'', day default '2000-01-01',
    price default '0', cents default '0', token default '00000000-0000-4000-8000-000000000000', spot default '0 0'
  );
`;
/** There a column has a type: \`store\` gives it that of the value. */
const ON_MYSQL = `${MYSQL}
  create table value (
    id bigint auto_increment primary key, whole bigint, big bigint, ratio double, words longtext, flag boolean, at datetime(3),
    data json, bytes longblob, day date, price longtext character set ascii collate ascii_bin, cents decimal(8, 2),
    token char(36) character set ascii collate ascii_bin, spot longtext
  );
  create table loose (
    id bigint auto_increment primary key, whole bigint default 0, big bigint default 0, ratio double default 0,
    words varchar(9) default '', flag boolean default 0, at datetime default '2000-01-01 00:00:00',
    data varchar(190) default '{}', bytes varbinary(9) default x'', day date default '2000-01-01',
    price varchar(9) default '0', cents decimal(8, 2) default '0',
    token char(36) default '00000000-0000-4000-8000-000000000000', spot varchar(9) default '0 0'
  );
`;
export const SCHEMAS: Readonly<Record<Dialect, string>> = { sqlite: ON_SQLITE, mysql: ON_MYSQL };

/** A new Value with one property set, whatever its type says. */
export const valueWith = (property: Property, value: unknown): Value =>
  Object.assign(new Value({}), { [property]: value });

/** A column as it is stored, to ask for it: MySQL's own JSON has blanks in it, and only MySQL runs what is in these comments. */
export const asStored = (property: Property): string =>
  property === 'data' ? "/*!80000 replace(*/ data /*!80000 , ' ', '') */" : property;
