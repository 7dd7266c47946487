import type Sqlite from 'better-sqlite3';
import { openSession } from 'offthread/orm';
import type { Program } from '../../examples/programs/program.js';
import { Scratch } from '../scratch.js';

export interface Transcript {
  /** What the program printed, line by line. */
  readonly printed: readonly string[];
  /** The statements about rows that it sent, with what it printed between them. */
  readonly log: readonly string[];
}

const ABOUT_ROWS = /^(?:select(?!.*\bpragma_|.*\bsqlite_)|insert|update|delete|with)\b/;

/** Runs a program on an empty database file. */
export function transcriptOf(program: Program): Transcript {
  const scratch = new Scratch();
  const printed: string[] = [];
  const log: string[] = [];
  try {
    using session = openSession(`sqlite:${scratch.file()}`, { synchronous: 'OFF' });
    record(session.connection as Sqlite.Database, log);
    program(session, (...values) => {
      const line = values.map(String).join(' ');
      printed.push(line);
      log.push(`-- ${line}`);
    });
    return { printed, log };
  } finally {
    scratch.remove();
  }
}

/** Statements are prepared once and kept: what counts is when each is executed. */
function record(connection: Sqlite.Database, log: string[]): void {
  const prepare = connection.prepare.bind(connection) as (sql: string) => Sqlite.Statement<unknown[]>;
  const recorded = (sql: string) => {
    const statement = prepare(sql);
    for (const name of ['all', 'iterate', 'run'] as const) {
      const execute = statement[name].bind(statement) as (...values: unknown[]) => never;
      statement[name] = (...values: unknown[]) => {
        if (ABOUT_ROWS.test(sql)) log.push(sql);
        return execute(...values);
      };
    }
    return statement;
  };
  connection.prepare = recorded as never;
}
