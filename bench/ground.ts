import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeUsers, stepsPerMillisecond } from './database.js';
import type { Setting } from './trial.js';

// In the repository rather than in the folder for temporary files, which may be no disk at all: a sync would cost nothing.
const place = fileURLToPath(new URL('../../.data/bench/', import.meta.url));

/** The folder of one bench with its databases, which goes away with it. */
export class Ground implements Disposable {
  readonly folder: string;
  readonly #users: string;
  readonly #steps = stepsPerMillisecond();
  readonly #remove = () => rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });

  constructor() {
    mkdirSync(place, { recursive: true });
    this.folder = mkdtempSync(join(place, `${process.pid}-`));
    process.once('exit', this.#remove); // of a bench that is cut short too
    this.#users = join(this.folder, 'users.db');
    makeUsers(this.#users);
  }

  setting(seconds: number): Setting {
    return { users: this.#users, folder: this.folder, seconds, stepsPerMillisecond: this.#steps };
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}
