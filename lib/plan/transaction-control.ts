import { TransactionControlError, valueError } from '../errors.js';

const LEADING_NOISE = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const CONTROL = /^(?:begin|start|commit|end|rollback|savepoint|release|attach|detach|create\s+temp(?:orary)?)\b/i;
const PRAGMA_WITH_VALUE = /^pragma\s+(?:["'`[]?\w+["'`\]]?\s*\.\s*)?["'`[]?(\w+)["'`\]]?\s*[=(]/i;
/** Pragmas whose value belongs to the file or is a question; the others change the one connection that happens to serve. */
const PRAGMA_FOR_ALL =
  /^(?:user_version|application_id|auto_vacuum|incremental_vacuum|journal_mode|journal_size_limit|wal_checkpoint|optimize|(?:table_x?info|table_list|index_x?info|index_list|foreign_key_list|foreign_key_check|integrity_check|quick_check))$/i;

/** Refuses SQL that begins, ends or rearranges what only the pool may: its transaction and its connection. */
export function refuseTransactionControl(sql: string): void {
  // SQLite would not read on behind it, and say nothing.
  if (sql.includes('\0')) throw valueError('SQL text', sql, 'no NUL character: bind the value');
  const text = sql.replace(LEADING_NOISE, '');
  const pragma = PRAGMA_WITH_VALUE.exec(text.replace(COMMENTS, ' '))?.[1];
  const isPragmaForOne = pragma !== undefined && !PRAGMA_FOR_ALL.test(pragma);
  if (CONTROL.test(text.replace(COMMENTS, ' ')) || isPragmaForOne) throw transactionControlError(sql);
}

/** For a text that begins or ends a transaction. */
export function transactionControlError(sql: string): Error {
  const text = sql.replace(LEADING_NOISE, '');
  return new TransactionControlError({ sql: text.length > 60 ? `${text.slice(0, 57)}…` : text });
}
