import mysql from 'mysql2/promise';
import { ageOf } from './database.js';
import type { MysqlSetting } from './trial.js';

const MYSQL_USERS = 30_000;
export const MYSQL_LANES = 8;
const ROWS_PER_INSERT = 1_000;

/** Visits all keys in an order that is not that of the pages. */
export const mysqlKeyOf = (i: number): number => ((i * 7_919) % MYSQL_USERS) + 1;

/** The next of a chain of keys, which only the row of the last one tells. */
export const nextKey = ({ id, age }: { readonly id: number; readonly age: number }): number =>
  ((id * 31 + age) % MYSQL_USERS) + 1;

/** Starts a private MariaDB with users of two addresses each. It ends with this process. */
export async function startMysql(): Promise<MysqlSetting> {
  // Loaded here: its folder is made when it is.
  const { startServer } = await import('../test/mysql/server.js');
  const { makeAuthority } = await import('../test/mysql/certificates.js');
  const { cert: ca, issue } = makeAuthority('bench');
  const { certPath, keyPath } = issue('127.0.0.1');
  const flags = [`--ssl-cert=${certPath}`, `--ssl-key=${keyPath}`];
  const { host, port, user, password, makeDatabase } = await startServer(...flags);
  await makeDatabase('bench');
  const setting = { host, port, user, password, database: 'bench', ca };
  await fill(setting);
  return setting;
}

async function fill({ host, port, user, password, database }: MysqlSetting): Promise<void> {
  const connection = await mysql.createConnection({ host, port, user, password, database });
  await connection.query(
    'create table user (id int primary key, name varchar(50) not null, email varchar(50) not null, age int not null, bio varchar(100) not null)',
  );
  await connection.query(
    'create table address (id int auto_increment primary key, user_id int not null, street varchar(50) not null, index (user_id))',
  );
  for (let first = 1; first <= MYSQL_USERS; first += ROWS_PER_INSERT) {
    const ids = Array.from({ length: ROWS_PER_INSERT }, (_, i) => first + i);
    await connection.query('insert into user (id, name, email, age, bio) values ?', [
      ids.map((i) => [i, `User ${i}`, `user${i}@example.com`, ageOf(i), `Likes the number ${i}, and reads about it.`]),
    ]);
    await connection.query('insert into address (user_id, street) values ?', [
      ids.flatMap((i) => ['North', 'South'].map((side) => [i, `${side} Street ${i}`])),
    ]);
  }
  await connection.end();
}
