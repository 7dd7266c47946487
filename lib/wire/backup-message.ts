import type { Fault } from './fault.js';

/** What a thread that copies a database is started with. */
export interface BackupTask {
  /** Absolute paths: of the database, and of the copy, which is not there yet. */
  readonly source: string;
  readonly copy: string;
  /** Milliseconds that a lock is waited for. */
  readonly busyTimeout: number;
  /** Whether it shall tell how far it has come. */
  readonly tells: boolean;
}

/** How far a copy has come. */
export interface BackupProgress {
  readonly totalPages: number;
  readonly remainingPages: number;
}

/** Of the copying thread; to it there is one word, whatever it is: that it shall stop. */
export type FromBackup =
  | { readonly kind: 'progress'; readonly progress: BackupProgress }
  | { readonly kind: 'copied' }
  | { readonly kind: 'failed'; readonly fault: Fault };
