import type Sqlite from 'better-sqlite3';
import type { LocalSession } from 'offthread/orm';

const RUNS = ['all', 'get', 'iterate', 'run'] as const;

/** The text of every statement that a new session runs from now on, in a list that grows. */
export function statementsOf(session: LocalSession): string[] {
  session.transaction(() => {}); // the first one of a connection asks for more than the later ones
  const texts: string[] = [];
  const database = session.connection as Sqlite.Database;
  const prepare = database.prepare.bind(database) as (text: string) => Sqlite.Statement;
  const watched = (text: string): Sqlite.Statement => {
    const statement = prepare(text);
    for (const name of RUNS) {
      const run = statement[name].bind(statement) as (...values: unknown[]) => never;
      statement[name] = (...values: unknown[]) => {
        texts.push(text);
        return run(...values);
      };
    }
    return statement;
  };
  Object.assign(database, { prepare: watched });
  return texts;
}
