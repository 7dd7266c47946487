import { callsForeign } from './own-functions.js';

/** What a statement's text tells of it, without asking the server. */
export interface SqlTraits {
  /** It cannot change the database. */
  readonly reads: boolean;
  /** It may leave something behind in the server's session that a later unit would see. */
  readonly marks: boolean;
  /** It answers with the rows that it changed. */
  readonly returns: boolean;
  /** The server commits before it runs it, and again behind it. */
  readonly commits: boolean;
  /** It begins or ends a transaction, or takes locks as long as one. */
  readonly controls: boolean;
  /** It is made of statements, which outside of a transaction are committed one by one. */
  readonly compounds: boolean;
  /** It may call a function that somebody has made: to read with it may write, and only the server knows. */
  readonly calls: boolean;
}

// Strings, quoted names and comments; a comment that the server executes is none. Each runs over its letters at once: letter
// by letter, a long one would overflow the stack.
const NOISE =
  /'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"|`[^`]*(?:``[^`]*)*`|\/\*(?!M?!)[\s\S]*?\*\/|--(?:\s[^\n]*|$)|#[^\n]*/g;
const LEADING = /^[\s;(]+/;
const WORD = /^[a-z]+/i;
const COMPOUNDS = /^(?:(?:call|execute|if|case|loop|while|for|repeat)\b|[\w$]+\s*:)/i;
const READS = /^(?:select|with|values|table|show|explain|describe|desc|help|checksum)$/;
/** Of those, what runs the functions in it. */
const COMPUTES = /^(?:select|with|values|(?:explain|describe|desc)\s+analyze)\b/i;
const CHANGES = /^(?:insert|replace|update|delete|load|import)$/;
const RETURNS = /\breturning\b/i;
const COMMITS =
  /^(?:create|alter|drop|truncate|rename|grant|revoke|analyze|optimize|repair|check|cache|flush|install|uninstall)$/;
const LOCKS = /\bfor\s+(?:update|share)\b|\block\s+in\s+share\s+mode\b/i;
const FILES = /\binto\s+(?:outfile|dumpfile)\b/i;
const WRITES_WITH = /\)\s*(?:update|delete|insert|replace)\b/i;
const VARIABLES = /:=|\binto\s+@|\b(?:get_lock|release_lock|release_all_locks|lastval)\b/i;
const TEMPORARY = /^(?:create(?:\s+or\s+replace)?|drop)\s+temporary\b/i;
const CONTROLS =
  /^(?:begin|start|commit|end|rollback|savepoint|release|xa|(?:un)?lock\s+tables?|set\s+(?:(?:@@)?(?:session|local)?\s*\.?\s*)?(?:@@)?autocommit)\b/i;

/** A sequence's next number is a change that even a rollback keeps. */
const SEQUENCES = /\b(?:nextval|setval)\s*\(|\bnext\s+value\s+for\b/i;

/** Of the last text: before it is prepared, whoever is to run it asks several times. */
let last: { readonly sql: string; readonly traits: SqlTraits } | undefined;

export function traitsOf(sql: string): SqlTraits {
  if (last?.sql !== sql) last = { sql, traits: readTraits(sql) };
  return last.traits;
}

function readTraits(sql: string): SqlTraits {
  const text = sql.replace(NOISE, withoutNoise).replace(LEADING, '');
  const word = WORD.exec(text)?.[0].toLowerCase() ?? '';
  const controls = CONTROLS.test(text);
  const isTemporary = TEMPORARY.test(text);
  const reads =
    READS.test(word) &&
    !LOCKS.test(text) &&
    !FILES.test(text) &&
    !(word === 'with' && WRITES_WITH.test(text)) &&
    !SEQUENCES.test(text);
  return {
    reads,
    marks:
      VARIABLES.test(text) ||
      isTemporary ||
      !(READS.test(word) || CHANGES.test(word) || COMMITS.test(word)) ||
      controls,
    returns: CHANGES.test(word) && RETURNS.test(text),
    commits: COMMITS.test(word) && !isTemporary,
    controls,
    compounds: COMPOUNDS.test(text),
    calls: reads && COMPUTES.test(text) && callsForeign(text),
  };
}

/** Of a quoted name its mark is left, since it may be a function's. */
function withoutNoise(noise: string): string {
  const mark = noise.charAt(0);
  return mark === '`' || mark === '"' ? mark : ' ';
}
