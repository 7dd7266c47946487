import mysql, { type Connection, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import { SELECT_USER } from '../database.js';
import { MYSQL_LANES, nextKey } from '../mysql-server.js';
import type { MysqlSetting } from '../trial.js';

const options = ({ host, port, user, password, database, ca }: MysqlSetting, usesTls: boolean) => ({
  ...{ host, port, user, password, database },
  ...(usesTls && { ssl: { ca } }),
});

export function connectMysql2(setting: MysqlSetting, usesTls = false): Promise<Connection> {
  return mysql.createConnection(options(setting, usesTls));
}

/** As many connections as the pool beside it has lanes. */
export function openMysql2(setting: MysqlSetting, usesTls = false): Pool {
  return mysql.createPool({ ...options(setting, usesTls), connectionLimit: MYSQL_LANES });
}

/** The unit `fiveSteps`, on one connection; in a transaction only where that is asked for. */
export async function fiveSteps(pool: Pool, first: number, inTransaction: boolean): Promise<number> {
  const connection = await pool.getConnection();
  try {
    if (inTransaction) await connection.query('start transaction read only');
    let key = first;
    for (let step = 0; step < 5; step++) key = nextKey(await selectUser(connection, key));
    if (inTransaction) await connection.commit();
    return key;
  } finally {
    connection.release();
  }
}

type User = RowDataPacket & { id: number; age: number };

export async function selectUser(connection: Connection | PoolConnection | Pool, id: number): Promise<User> {
  const [rows] = await connection.execute<User[]>(SELECT_USER, [id]);
  return rows[0] as User;
}
