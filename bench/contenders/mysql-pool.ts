import type { Pool } from 'offthread';
import { MYSQL_LANES } from '../mysql-server.js';
import type { MysqlSetting } from '../trial.js';
import type * as units from './mysql-units.js';
import { loadPlans } from './plans.js';

const urlOf = ({ host, port, user, password, database }: MysqlSetting): string =>
  `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;

export type MysqlPool = Pool<typeof units>;

/** Opens a pool, and makes its plans ready. */
export async function openMysqlPool(setting: MysqlSetting, usesTls = false): Promise<MysqlPool> {
  await loadPlans();
  const { createPool } = await import('offthread');
  return await createPool<typeof units>({
    database: urlOf(setting),
    units: new URL('./mysql-units.js', import.meta.url),
    threads: MYSQL_LANES,
    ...(usesTls && { mysql: { ssl: { ca: setting.ca } } }),
  });
}
