/** What stands in SQL: comments, quoted texts and names, words and numbers, and signs. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}\p{N}_$@]+|\S/gu;
const NAME = /^["'`[]|^[\p{L}_$@]/u;
const COMMENT = /^(?:--|\/\*)/;
const LONGEST = 255;

/** After these words UPDATE, DELETE and REPLACE are no operations: `for update`, `on delete cascade`, `insert or replace`. */
const NO_OPERATION_BEHIND = new Set(['ON', 'FOR', 'DO', 'KEY', 'OR']);
const OPERATIONS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'MERGE']);
/** Behind these, within an operation. */
const OPENS = new Set(['FROM', 'JOIN', 'INTO']);
const TARGETS_BEHIND = new Set(['UPDATE', 'REPLACE', 'CALL', 'PRAGMA', 'TRUNCATE']);
const KINDS = new Set(['TABLE', 'INDEX', 'VIEW', 'TRIGGER', 'DATABASE', 'PROCEDURE', 'FUNCTION']);
/** Between an operation and its target. */
const BETWEEN = new Set(
  'ONLY LATERAL IF NOT EXISTS OR ROLLBACK ABORT FAIL IGNORE REPLACE LOW_PRIORITY QUICK INTO FROM TABLE'.split(' '),
);
const ENDS_TARGETS = new Set(
  'WHERE GROUP ORDER LIMIT HAVING SET VALUES ON USING UNION WINDOW RETURNING FOR'.split(' '),
);

/** Where the reader is within one pair of brackets. */
interface Level {
  hasOperation: boolean;
  /** The next name is a target; `'after'` is behind one, where a comma brings another. */
  target: 'next' | 'after' | 'none';
}

/**
 * The operations of a statement with their targets, as they are written: `SELECT songs artists`. By OpenTelemetry's rules
 * for `db.query.summary`: https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query
 */
export function summarize(sql: string): string {
  const reader = new Reader((sql.match(TOKEN) ?? []).filter((token) => !COMMENT.test(token)));
  return shortened(reader.read());
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #parts: string[] = [];
  readonly #levels: Level[] = [];
  #level: Level = { hasOperation: false, target: 'none' };
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  read(): readonly string[] {
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at] as string;
      if (token === '(') this.#open();
      else if (token === ')') this.#close();
      else this.#token(token, token.toUpperCase());
    }
    return this.#parts;
  }

  #open(): void {
    this.#levels.push(this.#level);
    this.#level = { hasOperation: false, target: 'none' };
  }
  /** What was in the brackets was the target. */
  #close(): void {
    this.#level = this.#levels.pop() ?? this.#level;
    if (this.#level.target === 'next') this.#level.target = 'after';
  }

  #token(token: string, word: string): void {
    const level = this.#level;
    if (this.#isOperation(word)) {
      this.#parts.push(token);
      level.hasOperation = true;
      level.target = TARGETS_BEHIND.has(word) ? 'next' : 'none';
    } else if (level.target === 'next' && NAME.test(token) && !BETWEEN.has(word)) this.#target(token);
    else if (KINDS.has(word) && this.#parts.length === 1 && level.target === 'none') {
      this.#parts.push(token);
      level.target = 'next';
    } else this.#move(token, word);
  }

  #target(token: string): void {
    let name = token;
    // With the name of its schema.
    while (this.#tokens[this.#at + 1] === '.' && this.#tokens[this.#at + 2] !== undefined) {
      this.#at += 2;
      name += `.${this.#tokens[this.#at]}`;
    }
    this.#parts.push(name);
    this.#level.target = 'after';
  }

  #move(token: string, word: string): void {
    const level = this.#level;
    if (token === ',' && level.target === 'after') level.target = 'next';
    // Not of `extract(year from …)`.
    else if (OPENS.has(word) && level.hasOperation) level.target = 'next';
    else if (ENDS_TARGETS.has(word)) level.target = 'none';
  }

  /** Those that change or read rows, wherever they stand; of all else the first word. */
  #isOperation(word: string): boolean {
    if (word === 'SELECT') return true;
    const before = this.#tokens[this.#at - 1]?.toUpperCase();
    if (!OPERATIONS.has(word)) return before === undefined && word !== 'WITH' && /^[A-Z]+$/.test(word);
    // `replace(text, …)` and `insert(text, …)` are functions.
    return !(before !== undefined && NO_OPERATION_BEHIND.has(before)) && this.#tokens[this.#at + 1] !== '(';
  }
}

/** No operation and no name is cut in two. */
function shortened(parts: readonly string[]): string {
  let summary = '';
  for (const part of parts) {
    const longer = summary === '' ? part : `${summary} ${part}`;
    if (longer.length > LONGEST) break;
    summary = longer;
  }
  return summary;
}
