import type { TestServer } from './server.js';
import { serverProgram } from './server-program.js';

/** What is said to servers of which one follows the other. */
export interface Replication {
  /** Arguments of either. */
  readonly settings: readonly string[];
  /** Has the server follow another from now on. */
  follow(primary: TestServer): readonly string[];
  /** How far the primary is, as `position`. */
  readonly position: string;
  /** Waits until the replica is as far. */
  await(position: unknown): string;
  readonly stopApplying: string;
  readonly startApplying: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const ofMariaDb: Replication = {
  settings: [],
  follow: ({ host, port, user, password }) => [
    `change master to master_host = '${host}', master_port = ${port}, master_user = '${user}',
      master_password = ${quoted(password)}, master_use_gtid = current_pos, master_connect_retry = 1`,
    'start slave',
  ],
  position: 'select @@gtid_current_pos as position',
  await: (position) => `select master_gtid_wait('${position}', 20)`,
  stopApplying: 'stop slave sql_thread',
  startApplying: 'start slave sql_thread',
};

const ofMySql: Replication = {
  settings: ['--gtid-mode=on', '--enforce-gtid-consistency=on'],
  follow: ({ host, port, user, password }) => [
    // Each has made its users by itself.
    'reset binary logs and gtids',
    `change replication source to source_host = '${host}', source_port = ${port}, source_user = '${user}',
      source_password = ${quoted(password)}, source_auto_position = 1, source_connect_retry = 1, get_source_public_key = 1`,
    'start replica',
  ],
  position: 'select @@gtid_executed as position',
  await: (position) => `select wait_for_executed_gtid_set('${position}', 20)`,
  stopApplying: 'stop replica sql_thread',
  startApplying: 'start replica sql_thread',
};

/** In the words of the servers that tests start. */
export const replication = (): Replication => (serverProgram().system === 'mariadb' ? ofMariaDb : ofMySql);
