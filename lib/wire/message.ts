import type { MessagePort } from 'node:worker_threads';
import type { MysqlTarget } from '../plan/mysql-location.js';
import type { SqliteLocation } from '../plan/sqlite-location.js';
import type { Fault } from './fault.js';
import type { CallRecord } from './record.js';

/** What a lane's connection is for; `'both'` is the one lane of a pool that has no other, and each lane of a MySQL server. */
export type Role = 'writer' | 'reader' | 'both';

/** What a thread loads as soon as it starts, before it has a lane. */
export interface ThreadNeeds {
  readonly dialect: LaneDatabase['dialect'];
  readonly hasUnits: boolean;
}

/** The argument of a lane's task. The port is there when the lane's thread is new. */
export interface LaneTask {
  readonly lane: number;
  readonly opening: LaneOpening | undefined;
}
export interface LaneOpening {
  readonly port: MessagePort;
  readonly cell: SharedArrayBuffer;
  readonly role: Role;
  readonly database: LaneDatabase;
  /** Module URLs. */
  readonly units: string | undefined;
  readonly setup: string | undefined;
  readonly maxRows: number;
}

/** The argument of the task that opens a wrapped module: it ends when that is imported, and the thread's event loop turns on. */
export interface GraphTask {
  readonly lane: number;
  readonly opening: GraphOpening;
}
export interface GraphOpening {
  readonly port: MessagePort;
  readonly cell: SharedArrayBuffer;
  /** Its URL. */
  readonly module: string;
}
/** Nothing, or why it could not be imported. */
export type GraphOpened = Fault | undefined;

/** What a lane connects to. */
export type LaneDatabase = SqliteLocation | MysqlTarget;

/** The caller's thread to the worker. */
export type ToLane = BatchMessage | { readonly kind: 'close' };
export interface BatchMessage {
  readonly kind: 'batch';
  /** The number of the first text below. At 0 the lane forgets all texts it knew. */
  readonly firstText: number;
  /** Texts that are new to this lane: from now on they go by number. */
  readonly texts: readonly string[];
  /** Plans, flat; see batch.ts. */
  readonly plans: readonly unknown[];
  /** They belong to whoever holds the lane; if nobody does any more, nothing is done. */
  readonly isWithin?: true;
  /** No other lane had anything to do when it was sent to one that waits for a server. */
  readonly isAlone?: boolean;
}

/** The worker to the caller's thread. */
export type FromLane =
  | ReadyMessage
  | { readonly kind: 'failed'; readonly fault: Fault }
  | AnswersMessage
  /** The lane is held by the call in this slot: what is sent within the hold is served. */
  | { readonly kind: 'taken'; readonly slot: number };
export interface ReadyMessage {
  readonly kind: 'ready';
  /** How the bytes of its connection travel, where there is a server at the other end. */
  readonly streamKind: 'socket' | 'relay' | undefined;
  /** Which database it turned out to be. */
  readonly system: 'sqlite' | 'mysql' | 'mariadb';
  readonly units: readonly UnitEntry[];
}
export interface UnitEntry {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly isGenerator: boolean;
}
export interface AnswersMessage {
  readonly kind: 'answers';
  /** Columns of statements that are new or have changed: from now on they go by number. */
  readonly shapes: readonly (readonly [number: number, columns: readonly string[]])[];
  /** Answers, flat; see answer.ts. */
  readonly answers: readonly unknown[];
  /** Bytes among them that were Buffers. */
  readonly buffers: readonly Uint8Array[];
  /** How many times as much as may be read in one turn of the event loop: from 1 on it is acknowledged in the next one. */
  readonly turns: number;
  /** What plans have turned out to cost, in milliseconds, where that is new; by unit or text. */
  readonly costs: readonly (readonly [habit: string, milliseconds: number])[];
  /** What was written down of calls that are answered here or in a message that follows. */
  readonly records: readonly CallRecord[] | undefined;
}

/** How a lane's task ended. */
export type LaneEnd = 'asleep' | 'closed';

/** On the global object of every lane's thread, so that a pool in a unit is noticed. */
export const LANE_THREAD: unique symbol = Symbol.for('offthread.lane-thread');
