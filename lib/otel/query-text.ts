import { summarize } from './query-summary.js';

/** What is told of a query's text. */
export interface QueryText {
  /** Where no value was bound, with `?` in the place of every literal: it may be somebody's. */
  readonly text: string;
  readonly summary: string;
}

const MOST = 1_000;
const known = new Map<string, QueryText>();

const NUMBER = /\b(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\b|\B\.\d+/u;
const NAME = /`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}_$@][\p{L}\p{N}_$@]*/u;
/** Prefixes belong to a literal: `x'00'`, `N'text'`. */
const SQLITE_TEXT = /[xX]?'(?:[^']|'')*'/u;
const SQLITE_NAME = /"(?:[^"]|"")*"/u;
/** A backslash keeps a quote from ending it, and double quotes are no name. */
const MYSQL_TEXT = /(?:[xXbBnN]|_\w+\s*)?(?:'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*")/u;
const LITERALS = {
  sqlite: new RegExp(`(${SQLITE_TEXT.source}|${NUMBER.source})|${SQLITE_NAME.source}|${NAME.source}`, 'gu'),
  mysql: new RegExp(`(${MYSQL_TEXT.source}|${NUMBER.source})|${NAME.source}`, 'gu'),
};

/** Looked at once: programs have few texts, and call them often. */
export function queryTextOf(sql: string, parameters: number, system: 'sqlite' | 'mysql' | 'mariadb'): QueryText {
  const key = `${parameters > 0 ? '' : system}\n${sql}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const text = parameters > 0 ? sql : withoutLiterals(sql, system === 'sqlite' ? 'sqlite' : 'mysql');
  const made = { text, summary: summarize(sql) };
  if (known.size >= MOST) known.clear();
  known.set(key, made);
  return made;
}

const withoutLiterals = (sql: string, dialect: keyof typeof LITERALS): string =>
  sql.replace(LITERALS[dialect], (whole: string, literal: string | undefined) => (literal === undefined ? whole : '?'));
