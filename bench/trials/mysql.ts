import { openMysql } from '../../lib/connection/mysql/mysql.js';
import { readTls } from '../../lib/plan/tls.js';
import { chooseTransport } from '../../workers/transport.js';
import { openMikroOrmMysql } from '../contenders/mikro-orm-mysql.js';
import { type MysqlPool, openMysqlPool } from '../contenders/mysql-pool.js';
import { connectMysql2, fiveSteps, openMysql2, selectUser } from '../contenders/mysql2.js';
import { listAllUsers, readUser } from '../contenders/plans.js';
import { SELECT_USER } from '../database.js';
import { measureCallers, measureLoop } from '../load.js';
import { mysqlKeyOf } from '../mysql-server.js';
import type { Contender, MysqlSetting, Setting, Trial } from '../trial.js';

const LIST_ALL_USERS = 'select id, name, email, age, bio from user';

/** Milliseconds. Each of eight lanes compiles its own code, and on two cores they have a quarter of one each for that. */
const WARM_UP = 5_000;
/** One caller has one lane. */
const warmUpOf = (inFlight: number) => (inFlight === 1 ? undefined : WARM_UP);

const serverOf = ({ mysql }: Setting): MysqlSetting => mysql as MysqlSetting;

/** A connection as a lane has it, and no pool. */
function connectBlocking(setting: MysqlSetting, usesTls: boolean) {
  const { host, port, user, password, database, ca } = setting;
  const tls = usesTls ? readTls('ssl', { ca }, host) : undefined;
  return openMysql({
    ...{
      address: { host, port },
      user,
      password,
      database,
      connectTimeout: 10_000,
      maxRows: 1_000_000,
      access: 'read',
    },
    stream: chooseTransport(tls),
    ...(tls && { tls }),
  });
}

const blockingQuery = (usesTls: boolean): Contender => ({
  title: usesTls ? 'a blocking query over TLS' : 'a blocking query',
  measure: async (setting) => {
    const connection = connectBlocking(serverOf(setting), usesTls);
    const statement = connection.prepare(SELECT_USER);
    try {
      return await measureLoop((i) => statement.all([mysqlKeyOf(i)]), setting);
    } finally {
      connection.close();
    }
  },
});
const awaitedQuery = (usesTls: boolean): Contender => ({
  title: usesTls ? 'await mysql2 over TLS' : 'await mysql2',
  measure: async (setting) => {
    const connection = await connectMysql2(serverOf(setting), usesTls);
    try {
      return await measureCallers((i) => selectUser(connection, mysqlKeyOf(i)), 1, setting);
    } finally {
      await connection.end();
    }
  },
});

const pooled = (title: string, inFlight: number, call: (pool: MysqlPool, i: number) => unknown, usesTls = false) => ({
  title,
  isPool: true,
  measure: async (setting: Setting) => {
    await using pool = await openMysqlPool(serverOf(setting), usesTls);
    return await measureCallers((i) => call(pool, i), inFlight, setting, warmUpOf(inFlight));
  },
});

type Mysql2 = ReturnType<typeof openMysql2>;
const mysql2 = (title: string, inFlight: number, call: (pool: Mysql2, i: number) => unknown, usesTls = false) => ({
  title,
  measure: async (setting: Setting) => {
    const pool = openMysql2(serverOf(setting), usesTls);
    try {
      return await measureCallers((i) => call(pool, i), inFlight, setting, warmUpOf(inFlight));
    } finally {
      await pool.end();
    }
  },
});

const unitOf = (usesTls: boolean) =>
  pooled('pool, unit', 64, (pool, i) => pool.units.fiveSteps(mysqlKeyOf(i)), usesTls);
const stepsOf = (usesTls: boolean) =>
  mysql2('mysql2, no transaction', 64, (pool, i) => fiveSteps(pool, mysqlKeyOf(i), false), usesTls);

const trial = (name: string, title: string, rest: Pick<Trial, 'contenders' | 'comparisons'>): Trial => ({
  ...{ name: `mysql-${name}`, group: 'mysql', title: `MySQL: ${title}`, needsMysql: true, ...rest },
});

/** The same connections and the same server, against mysql2 as it is meant to be used. */
export const mysql: readonly Trial[] = [
  trial('one', 'one query at a time, one connection', {
    contenders: { blocking: blockingQuery(false), awaited: awaitedQuery(false) },
    comparisons: [
      {
        ...{ what: 'time against an await', figure: 'wallTime', of: 'blocking', against: 'awaited' },
        goal: { must: 1.05, aim: 0.85 },
      },
    ],
  }),
  trial('unit-64', 'unit of 5 dependent queries, 64 in flight', {
    contenders: {
      unit: unitOf(false),
      mysql2: stepsOf(false),
      transaction: mysql2('mysql2, in a transaction', 64, (pool, i) => fiveSteps(pool, mysqlKeyOf(i), true)),
    },
    comparisons: [
      {
        ...{ what: 'units against mysql2', figure: 'callsPerSecond', of: 'unit', against: 'mysql2' },
        goal: { must: 0.9, aim: 1.2 },
      },
      {
        ...{ what: 'main thread’s busy time against mysql2', figure: 'busyTime', of: 'unit', against: 'mysql2' },
        goal: { must: 0.35, aim: 0.15 },
      },
      {
        ...{ what: 'units against mysql2 in a transaction', figure: 'callsPerSecond' },
        ...{ of: 'unit', against: 'transaction' },
      },
    ],
  }),
  trial('reads-64', 'point reads, 64 in flight', {
    contenders: {
      plan: pooled('pool, sql', 64, (pool, i) => pool.run(readUser(mysqlKeyOf(i)))),
      mysql2: mysql2('mysql2', 64, (pool, i) => selectUser(pool, mysqlKeyOf(i))),
    },
    comparisons: [
      {
        ...{ what: 'calls against mysql2', figure: 'callsPerSecond', of: 'plan', against: 'mysql2' },
        goal: { must: 1.5, aim: 2.5 },
      },
    ],
  }),
  trial('rows-30000', '30,000 rows of 5 columns', {
    contenders: {
      plan: pooled('pool, sql', 1, (pool) => pool.run(listAllUsers())),
      mysql2: mysql2('mysql2', 1, (pool) => pool.execute(LIST_ALL_USERS)),
    },
    comparisons: [
      {
        ...{ what: 'time against mysql2', figure: 'wallTime', of: 'plan', against: 'mysql2' },
        goal: { must: 1.25, aim: 1 },
      },
      {
        ...{ what: 'longest stop of the main thread', figure: 'delayMax', of: 'plan', against: 'mysql2' },
        goal: { must: 0.3, aim: 0.1 },
      },
    ],
  }),
  trial('tls-one', 'one query at a time, over TLS', {
    contenders: { blocking: blockingQuery(true), awaited: awaitedQuery(true) },
    comparisons: [
      {
        ...{ what: 'time against an await', figure: 'wallTime', of: 'blocking', against: 'awaited' },
        goal: { must: 2, aim: 1.3 },
      },
    ],
  }),
  trial('tls-unit-64', 'unit of 5 dependent queries over TLS, 64 in flight', {
    contenders: { unit: unitOf(true), mysql2: stepsOf(true) },
    comparisons: [
      {
        ...{ what: 'units against mysql2', figure: 'callsPerSecond', of: 'unit', against: 'mysql2' },
        goal: { must: 0.7, aim: 0.9 },
      },
    ],
  }),
  trial('lazy-64', 'unit with a get and a lazy relation, 64 in flight', {
    contenders: {
      unit: pooled('pool, unit', 64, (pool, i) => pool.units.userPage(mysqlKeyOf(i))),
      mikroOrm: {
        title: 'MikroORM',
        isPeer: true,
        measure: async (setting) => {
          await using orm = await openMikroOrmMysql(serverOf(setting));
          return await measureCallers((i) => orm.userPage(mysqlKeyOf(i)), 64, setting, WARM_UP);
        },
      },
    },
    comparisons: [
      {
        ...{ what: 'units against MikroORM', figure: 'callsPerSecond', of: 'unit', against: 'mikroOrm' },
        goal: { must: 2, aim: 5 },
      },
    ],
  }),
];
