import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import type { Connection, Watch } from '../lib/connection/connection.js';
import { SetupError, UnitsModuleError } from '../lib/errors.js';
import { loadBy, preloadKysely } from '../lib/plan/kysely.js';
import { importFailure, locateModule } from '../lib/plan/module-file.js';
import { AnswerWriter } from '../lib/wire/answer-writer.js';
import { BatchReader } from '../lib/wire/batch.js';
import { Cell, Step } from '../lib/wire/cell.js';
import { toFault } from '../lib/wire/fault.js';
import {
  type FromLane,
  LANE_THREAD,
  type LaneEnd,
  type LaneOpening,
  type LaneTask,
  type ThreadNeeds,
} from '../lib/wire/message.js';
import { Habits } from './habits.js';
import { Focus, type Lane, post } from './lane.js';
import { serve } from './serve.js';
import type { RegisteredUnit } from './unit.js';

Object.defineProperty(globalThis, LANE_THREAD, { value: true });

// One thread serves one lane; the connection belongs to the thread and stays between its tasks.
let served: number | undefined;
let lane: Lane | undefined;
let reader: BatchReader | undefined;

/** A lane's task, started by Piscina: opens the lane where it is new, then serves until there is nothing to do. */
export default async function runLane({ lane: id, opening }: LaneTask): Promise<LaneEnd> {
  if (opening === undefined && id !== served) throw new Error('its thread ended between two tasks');
  if (opening !== undefined) {
    served = id;
    const answer = (message: FromLane) => opening.port.postMessage(message);
    try {
      lane = await openLane(opening);
      reader = new BatchReader();
      answer({
        kind: 'ready',
        streamKind: lane.connection.streamKind,
        system: lane.connection.system,
        units: [...lane.units.values()].map(({ name, access, isGenerator }) => ({ name, access, isGenerator })),
      });
    } catch (error) {
      answer({ kind: 'failed', fault: toFault(error) });
      return 'closed';
    }
  }
  try {
    return serve(lane as Lane, reader as BatchReader);
  } catch (error) {
    // The thread lives on without its lane: its connection must not, since it may hold the write lock.
    try {
      if (lane !== undefined) post(lane);
    } finally {
      lane?.connection.close();
    }
    throw error;
  }
}

/** Of what a lane of this thread will need, all that takes long to load: so threads load beside each other, also where lanes open in turn. */
export async function preload(): Promise<void> {
  const { dialect, hasUnits }: ThreadNeeds = workerData;
  await Promise.all([drivers[dialect](), hasUnits && registry(), hasUnits && preloadKysely()]);
}

/** A lane without units loads neither the unit of work nor Kysely, which take longer than all the rest. */
const registry = () => import('./registry.js');
const drivers = {
  sqlite: () => import('../lib/connection/sqlite.js'),
  mysql: () => import('./mysql-connection.js'),
};

async function openLane(opening: LaneOpening): Promise<Lane> {
  const cell = new Cell(opening.cell);
  const focus = new Focus(cell);
  loadBy((load) => cell.loading(load));
  if (opening.units !== undefined) cell.reach(Step.units);
  const [units, open] = await Promise.all([loadUnits(opening), loadDriver(opening)]);
  cell.reach(Step.database);
  const connection = open(focus);
  try {
    if (opening.setup !== undefined) {
      cell.reach(Step.setup);
      await runSetup(opening.setup, connection, opening);
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  const { role, port } = opening;
  const answers = new AnswerWriter(() => post(opened));
  const opened: Lane = { role, connection, units, cell, focus, answers, port, habits: new Habits() };
  return opened;
}

async function loadUnits({ units }: LaneOpening): Promise<ReadonlyMap<string, RegisteredUnit>> {
  if (units === undefined) return new Map();
  const [{ registerUnits }, module] = await Promise.all([registry(), importUnits(units)]);
  return registerUnits(module);
}

async function loadDriver({ database, role, maxRows }: LaneOpening): Promise<(watch: Watch) => Connection> {
  if (database.dialect === 'sqlite') {
    const { openSqlite } = await drivers.sqlite();
    const { path, synchronous, busyTimeout } = database;
    return (watch) => openSqlite({ path, readonly: role === 'reader', synchronous, busyTimeout, maxRows, watch });
  }
  const { openMysqlConnection } = await drivers.mysql();
  const access = role === 'reader' ? 'read' : 'write';
  return (watch) => openMysqlConnection(database, { maxRows, access, watch });
}

const UNITS_WAY_OUT = "Pass the file that exports the units: new URL('./units.js', import.meta.url).";

async function importUnits(url: string): Promise<object> {
  const { execArgv } = process;
  const located = locateModule(url, { wayOut: UNITS_WAY_OUT, execArgv, fail: (why) => new UnitsModuleError(why) });
  try {
    return await import(located);
  } catch (cause) {
    throw new UnitsModuleError(importFailure(located, cause), { cause });
  }
}

async function runSetup(url: string, connection: Connection, { role }: LaneOpening): Promise<void> {
  const module = url.startsWith('file:') ? url : pathToFileURL(url).href;
  const setupRole = role === 'reader' ? 'reader' : 'writer';
  const fail = (reason: string, cause?: unknown) =>
    new SetupError({ module: url, role: setupRole, reason }, cause === undefined ? {} : { cause });
  const imported = await import(module).catch((cause) => {
    throw fail(`could not be imported (${cause})`, cause);
  });
  if (typeof imported.default !== 'function') throw fail('has no default function');
  let result: unknown;
  try {
    result = imported.default(connection.raw, { dialect: connection.dialect, role: setupRole });
  } catch (cause) {
    throw fail(`threw ${cause}`, cause);
  }
  if (result instanceof Promise) {
    result.catch(() => {});
    throw fail('returned a promise');
  }
}
