import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A folder of its own for the databases of one test, and the connections opened in it. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'offthread-ground-'));
  readonly #connections: Database.Database[] = [];

  file(name = 'ground.db'): string {
    return join(this.path, name);
  }

  open(options: Database.Options = {}, name = 'ground.db'): Database.Database {
    const connection = new Database(this.file(name), options);
    this.#connections.push(connection);
    return connection;
  }

  /** A connection that has put its database in WAL mode and run the given SQL. */
  writer(sql = ''): Database.Database {
    const connection = this.open();
    connection.pragma('journal_mode = WAL');
    connection.exec(sql);
    return connection;
  }

  names(): string[] {
    return readdirSync(this.path).sort();
  }

  remove(): void {
    for (const connection of this.#connections.reverse()) connection.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}
