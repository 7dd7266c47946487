import { DatabaseError, type DatabaseErrorKind, showSql } from '../../errors.js';

// https://mariadb.com/kb/en/mariadb-error-codes/ and https://dev.mysql.com/doc/mysql-errors/8.4/en/
const KINDS: Readonly<Record<DatabaseErrorKind, readonly number[]>> = {
  unique: [1022, 1062, 1169, 1586, 1859],
  'foreign-key': [1215, 1216, 1217, 1451, 1452, 1761, 1762],
  'not-null': [1048, 1263, 1364],
  // The last ones are of values that their column's type does not take.
  check: [3819, 4025, 1264, 1265, 1292, 1366, 1406, 1416, 3140, 3156],
  busy: [],
  'stale-snapshot': [1020],
  deadlock: [1213, 1614],
  'lock-timeout': [1205, 3572],
  connection: [
    1040, 1042, 1043, 1053, 1077, 1078, 1079, 1129, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1927, 4031,
  ],
  'read-only': [1036, 1223, 1290, 1792, 1836, 3100],
  'access-denied': [1044, 1045, 1130, 1142, 1143, 1227, 1251, 1370, 1524, 1698, 1820, 1862, 3118, 4151],
  'not-a-database': [],
  corrupt: [1034, 1035, 1194, 1195, 1712, 1877],
  full: [1021, 1114, 1041, 1037],
  'cannot-open': [1049, 1102],
  timeout: [1969, 3024],
  interrupted: [1317],
  'too-large': [1153, 1301, 1162],
  syntax: [
    1046, 1051, 1052, 1054, 1060, 1061, 1063, 1064, 1065, 1066, 1091, 1103, 1109, 1110, 1111, 1136, 1146, 1149, 1210,
    1222, 1241, 1242, 1248, 1295, 1305, 1318, 1582, 1583,
  ],
  other: [],
};
const kindOf = new Map(
  Object.entries(KINDS).flatMap(([kind, numbers]) => numbers.map((number) => [number, kind as DatabaseErrorKind])),
);
const NAMES: Readonly<Record<number, string>> = {
  1927: 'ER_CONNECTION_KILLED',
  1969: 'ER_STATEMENT_TIMEOUT',
  4025: 'ER_CONSTRAINT_FAILED',
};

/** What the driver, the server and the system say of an error. */
interface Failure extends Error {
  readonly code?: string | undefined;
  readonly errno?: number;
  readonly sqlState?: string;
}

/** An error of the server or of the way to it, in our words. Whatever else was thrown stays what it is. */
export function toDatabaseError(error: unknown, sql: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const { code, errno, sqlState, message } = error as Failure;
  // The system's errors have a number of their own, and below zero.
  if (errno !== undefined && errno > 0 && sqlState !== undefined) {
    const name = NAMES[errno] ?? code ?? `ER_${errno}`;
    const kind = kindOf.get(errno) ?? 'other';
    const place = sql === undefined ? '' : `\n  in: ${showSql(sql)}`;
    const detail = { code: name, kind, sql, errno, ...(sqlState !== '' && { sqlState }) };
    return new DatabaseError(`${message} (${name})${place}`, detail, { cause: error });
  }
  return error;
}

// Shutting down, killed, idle for too long, and what the server says when the network failed it.
const FAREWELLS: ReadonlySet<number> = new Set([
  1053, 1077, 1078, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031,
]);
/** Whether the server hangs up after it. */
export const isFarewell = ({ errno }: Failure): boolean => errno !== undefined && FAREWELLS.has(errno);

/** An error that leaves open whether the work was committed. */
export function withoutAnswer(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'connection') return error;
  const { message, code, kind, sql, errno, sqlState, cause } = error;
  const detail = {
    code,
    kind,
    sql,
    ...(errno !== undefined && { errno }),
    ...(sqlState !== undefined && { sqlState }),
  };
  return new DatabaseError(message, { ...detail, outcome: 'unknown' }, { cause });
}

/** The connection is gone, or was never there. */
export function connectionError(what: string, cause: unknown, sql: string | undefined): DatabaseError {
  const { code, message } = cause as Failure;
  return new DatabaseError(
    `${what}: ${message}`,
    { code: code ?? 'PROTOCOL_CONNECTION_LOST', kind: 'connection', sql },
    { cause },
  );
}
