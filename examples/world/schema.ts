import { sql } from 'offthread/orm';

export const schema = [
  sql`create table country (
    code text primary key,
    name text not null,
    official_name text not null,
    region text not null,
    area real,
    languages json not null,
    currencies json not null,
    largest_city_id integer references city (id)
  ) without rowid`,
  // Without regard to case, so that 'lon' finds London; and the same name twice at one place is one city.
  sql`create table city (
    id integer primary key,
    country_code text not null references country (code),
    name text not null collate nocase,
    population integer not null,
    latitude real not null,
    longitude real not null,
    unique (country_code, name, latitude, longitude)
  )`,
  sql`create table border (
    id integer primary key,
    country_code text not null references country (code),
    neighbour_code text not null references country (code),
    unique (country_code, neighbour_code)
  )`,
  sql`create table visit (
    id integer primary key,
    country_code text not null references country (code),
    at datetime not null
  )`,
  sql`create index city_by_name on city (name)`,
  sql`create index city_by_population on city (country_code, population)`,
];
