/** Names in quotes, which are kept; and comments and texts, in which anything may be said. */
const WORDS_OF_OTHERS = /("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** SQL without its comments and the texts in it. */
export const bare = (sql: string): string => sql.replace(WORDS_OF_OTHERS, '$1 ');
