/** What begins so is MySQL's own already. */
export const MYSQL = '-- mysql';

/** SQL as the tests write it, for SQLite, in MySQL's words; run with ANSI quotes and `||`. */
export const toMysql = (sql: string): string[] =>
  statementsIn(sql.replace(MYSQL, '')).map((statement) =>
    sql.startsWith(MYSQL)
      ? statement
      : statement
          .replace(/^create table [\s\S]*$/i, table)
          .replace(
            /^with recursive (\w+ \(\w+\) as \([\s\S]*?\))\s+insert into (\S+) /i,
            'insert into $2 with recursive $1 ',
          ),
  );

/** A semicolon in a text, or in a trigger's body, parts nothing. */
function statementsIn(sql: string): string[] {
  const statements = sql.match(/(?:create trigger[\s\S]*?\bend\b|'[^']*'|[^;'])+/gi) ?? [];
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

const TYPES: readonly (readonly [sqlite: RegExp, mysql: string])[] = [
  [/\binteger primary key\b/gi, 'bigint auto_increment primary key'],
  [/([\w"]) integer\b/gi, '$1 bigint'],
  [/([\w"]) text\b/gi, '$1 varchar(190)'],
  [/([\w"]) real\b/gi, '$1 double'],
  [/([\w"]) blob\b/gi, '$1 varbinary(190)'],
  [/\) (?:strict|without rowid)$/i, ')'],
];
/** MySQL reads `references` behind a column and, before its version 9, does nothing about it. */
const REFERENCE =
  /(["\w]+)( bigint| varchar\(190\))((?: (?:not null|unique|primary key))*) references (["\w]+ ?\([^)]*\))/g;

function table(create: string): string {
  const keys: string[] = [];
  const typed = TYPES.reduce((sql, [sqlite, mysql]) => sql.replace(sqlite, mysql), create);
  const columns = typed.replace(REFERENCE, (_, column, type, rest, parent) => {
    keys.push(`foreign key (${column}) references ${parent}`);
    return `${column}${type}${rest}`;
  });
  return keys.length === 0 ? columns : columns.replace(/\)$/, `, ${keys.join(', ')})`);
}
