import { importPeer } from '../peers.js';

/** What is used of node-sqlite3. */
interface NodeSqlite3 {
  default: { Database: new (path: string, opened: (error: Error | null) => void) => Connection };
}
interface Connection {
  get(sql: string, parameter: number, answer: (error: Error | null, row: unknown) => void): void;
  close(closed: (error: Error | null) => void): void;
}

export async function openNodeSqlite3(path: string) {
  const { Database } = (await importPeer<NodeSqlite3>('sqlite3')).default;
  const connection = await new Promise<Connection>((resolve, reject) => {
    const opening = new Database(path, (error) => (error ? reject(error) : resolve(opening)));
  });
  return {
    get: (sql: string, parameter: number) =>
      new Promise<unknown>((resolve, reject) => {
        connection.get(sql, parameter, (error, row) => (error ? reject(error) : resolve(row)));
      }),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve, reject) => {
        connection.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}
