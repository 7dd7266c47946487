import type { SqliteDatabase } from './sqlite-driver.js';

/** Settings of a connection that a unit may change, and that the next one must not find changed. */
const SETTINGS = [
  'query_only',
  'foreign_keys',
  'recursive_triggers',
  'synchronous',
  'busy_timeout',
  'defer_foreign_keys',
  'ignore_check_constraints',
  'writable_schema',
  'trusted_schema',
  'legacy_alter_table',
];

/** How a unit finds the connection, and how it has to leave it. */
export interface Kept {
  readonly settings: readonly (readonly [name: string, value: unknown])[];
  readonly attached: ReadonlySet<string>;
  readonly temporaries: ReadonlySet<string>;
}

/** Notes what the setup has made of a connection. */
export function keep(database: SqliteDatabase): Kept {
  return {
    settings: SETTINGS.map((name) => [name, setting(database, name)]),
    attached: new Set(attached(database)),
    temporaries: new Set(temporaries(database).map(([, name]) => name)),
  };
}

/** Takes back what a unit has made of it since. */
export function tidy(database: SqliteDatabase, kept: Kept): void {
  if (!database.open) return;
  database.defaultSafeIntegers(false).unsafeMode(false);
  for (const [name, value] of kept.settings) {
    if (setting(database, name) !== value) database.pragma(`${name} = ${value}`);
  }
  for (const name of attached(database)) if (!kept.attached.has(name)) database.exec(`detach ${quoted(name)}`);
  for (const [type, name] of temporaries(database)) {
    if (!kept.temporaries.has(name)) database.exec(`drop ${type} if exists temp.${quoted(name)}`);
  }
}

const setting = (database: SqliteDatabase, name: string): unknown => database.pragma(name, { simple: true });
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function attached(database: SqliteDatabase): string[] {
  const names = (database.pragma('database_list') as { name: string }[]).map(({ name }) => name);
  return names.filter((name) => name !== 'main' && name !== 'temp');
}

/** Temporary tables and their kind would hide those of the next unit. */
function temporaries(database: SqliteDatabase): [type: string, name: string][] {
  const sql = "select type, name from sqlite_temp_master where type in ('table', 'view', 'trigger')";
  return database.prepare(sql).raw().all() as [string, string][];
}
