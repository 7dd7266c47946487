import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** A program that private servers run: Debian's MariaDB, or the one that is given. */
export interface ServerProgram {
  readonly system: 'mariadb' | 'mysql';
  readonly command: string;
  /** Arguments of its own. */
  readonly settings: readonly string[];
  /** Statements that make its users; run whenever it starts. */
  users(user: string, password: string): readonly string[];
  /** Makes the data of a new server, in an empty folder. */
  install(data: string): void;
}

const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];
const make = (user: string, password: string) => [
  `create user if not exists '${user}'@'%' identified by '${password.replaceAll("'", "''")}'`,
  `grant all on *.* to '${user}'@'%' with grant option`,
];

const mariaDb: ServerProgram = {
  system: 'mariadb',
  command: 'mariadbd',
  settings: ['--innodb-flush-method=nosync', ...AS_ROOT],
  users: (user, password) => [
    "delete from mysql.global_priv where user = ''",
    ...make(user, password),
    'flush privileges',
  ],
  install: (data) =>
    run('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-log-file-size=16M',
      ...AS_ROOT,
    ]),
};

const mySql = (command: string): ServerProgram => {
  const settings = ['--innodb-flush-method=nosync', '--innodb-redo-log-capacity=16M', ...AS_ROOT];
  return {
    system: 'mysql',
    command,
    settings: [...settings, '--mysqlx=OFF', '--skip-log-bin', '--secure-file-priv='],
    users: make,
    install: (data) => {
      run(command, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...settings]);
      // Who it is: each copy is somebody of its own.
      rmSync(join(data, 'auto.cnf'));
    },
  };
};

/** That of OFFTHREAD_TEST_MYSQLD, which is MySQL's own, or else MariaDB's. */
export function serverProgram(): ServerProgram {
  const given = process.env.OFFTHREAD_TEST_MYSQLD;
  return given === undefined ? mariaDb : mySql(given);
}

function run(command: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args);
  if (error !== undefined)
    throw new Error(
      `The tests need a MariaDB server, and '${command}' did not start: apt-get install mariadb-server, or set OFFTHREAD_TEST_MYSQL to the URL of a server that they may use.`,
      { cause: error },
    );
  if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
}
