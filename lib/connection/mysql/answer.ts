import type { RawTable } from '../../wire/answer.js';
import type { RawRow } from '../connection.js';
import { ColumnReader, type Columns, NO_COLUMNS } from './column.js';
import type { DriverError, Packet } from './driver.js';
import { endOfValue, readBinaryRow, readCount, readTextRow } from './row.js';
import { TableReader } from './table-reader.js';

const ERROR = 0xff;
const END = 0xfe;
/** A packet of rows' end is shorter than any row that begins with the same byte. */
const LONGEST_END = 9;
const LOCAL_FILE = 0xfb;
const MORE_RESULTS = 8;
/** What the server says of itself where it says it: in an OK, and at the end of rows. */
export const IN_TRANSACTION = 1;

/** What the server answers to one request. */
export interface Answer {
  /** Takes the next packet, and says whether it was the last. */
  take(packet: Packet): boolean;
  /** The server's refusal. */
  readonly error: DriverError | undefined;
}

const isEnd = ({ buffer, offset, end }: Packet): boolean => buffer[offset] === END && end - offset < LONGEST_END;

/** To a statement, prepared or as text: rows, or what it changed. */
export class ResultAnswer implements Answer {
  error: DriverError | undefined;
  isDone = false;
  rows: RawRow[] = [];
  /** Instead of rows, where they are wanted by column. */
  isByColumn = false;
  #tables: TableReader | undefined;
  columns: Columns;
  hasRows = false;
  changes: number | bigint = 0;
  insertId: number | bigint = 0;
  /** Of an UPDATE, whose `changes` are the rows that it found. */
  changedRows: number | undefined;
  status = 0;
  readonly #isText: boolean;
  #isForgotten = false;
  #step: 'head' | 'columns' | 'columns end' | 'rows' = 'head';
  #awaited = 0;
  #reader: ColumnReader | undefined;
  /** A procedure may answer several times: the first rows count. */
  #isFurther = false;

  constructor(columns: Columns, isText: boolean) {
    this.columns = columns;
    this.#isText = isText;
  }

  take(packet: Packet): boolean {
    const { buffer, offset } = packet;
    switch (this.#step) {
      case 'rows':
        if (isEnd(packet)) return this.#ended(buffer.readUInt16LE(offset + 3));
        if (buffer[offset] === ERROR) return this.#refused(packet);
        if (!this.#isFurther && !this.#isForgotten) this.#takeRow(packet);
        return false;
      case 'columns':
        this.#reader?.take(packet);
        if (--this.#awaited === 0) this.#step = 'columns end';
        return false;
      case 'columns end':
        if (this.#reader !== undefined) {
          this.columns = this.#reader.finish();
          if (this.isByColumn) this.#tables = new TableReader(this.columns, this.#isText);
        }
        this.#step = 'rows';
        return false;
      case 'head':
        return this.#head(packet);
      default:
        return this.#step satisfies never;
    }
  }

  #takeRow(packet: Packet): void {
    if (this.#tables !== undefined) this.#tables.take(packet);
    else this.rows.push((this.#isText ? readTextRow : readBinaryRow)(packet.buffer, packet.offset, this.columns));
  }

  /** Those that came and were not taken yet, if there are any. */
  takeRows(): RawRow[] | undefined {
    const { rows } = this;
    this.rows = [];
    return rows.length > 0 ? rows : undefined;
  }
  takeTable(): RawTable | undefined {
    return this.#tables?.next();
  }
  takeRestOfTables(): readonly RawTable[] {
    return this.#tables?.takeRest() ?? [];
  }

  /** Nobody wants its rows. */
  forget(): void {
    this.#isForgotten = true;
    this.rows = [];
    this.#tables = undefined;
  }

  #head(packet: Packet): boolean {
    const { buffer, offset } = packet;
    const first = buffer[offset];
    if (first === ERROR) return this.#refused(packet);
    if (first === LOCAL_FILE) throw new Error('the server asked for a file of this machine');
    if (first === 0) {
      const changes = readCount(buffer, offset + 1);
      const insertId = readCount(buffer, endOfValue());
      const status = endOfValue();
      if (!this.#isFurther) {
        [this.changes, this.insertId] = [changes, insertId];
        // Behind the status and the number of warnings, where there is something more to tell.
        if (packet.end > status + 4) this.changedRows = changedIn(buffer.toString('latin1', status + 4, packet.end));
      }
      return this.#ended(buffer.readUInt16LE(status));
    }
    this.#awaited = Number(readCount(buffer, offset));
    this.#isFurther = this.hasRows;
    this.hasRows = true;
    this.#reader = this.#isFurther ? undefined : new ColumnReader(this.columns);
    this.#step = 'columns';
    return false;
  }

  #ended(status: number): boolean {
    this.status = status;
    this.#step = 'head';
    return (this.isDone = (status & MORE_RESULTS) === 0);
  }

  #refused(packet: Packet): true {
    this.error = packet.asError('utf8');
    return (this.isDone = true);
  }
}

/** "Rows matched: 2  Changed: 1  Warnings: 0" is all that a server says of it; of other statements it says other things. */
const CHANGED = /\schanged:\s*(\d+)/i;
function changedIn(info: string): number | undefined {
  const found = CHANGED.exec(info);
  return found === null ? undefined : Number(found[1]);
}

/** To a request that is only done, or not: BEGIN, COMMIT, a reset. */
export class DoneAnswer extends ResultAnswer {
  constructor() {
    super(NO_COLUMNS, true);
  }
}

/** To a request to prepare a statement. */
export class PreparedAnswer implements Answer {
  error: DriverError | undefined;
  id = 0;
  parameterCount = 0;
  columns = NO_COLUMNS;
  #step: 'head' | 'parameters' | 'parameters end' | 'columns' | 'columns end' = 'head';
  #awaited = 0;
  #columnCount = 0;
  readonly #reader = new ColumnReader(NO_COLUMNS);

  take(packet: Packet): boolean {
    const { buffer, offset } = packet;
    switch (this.#step) {
      case 'head':
        if (buffer[offset] === ERROR) {
          this.error = packet.asError('utf8');
          return true;
        }
        this.id = buffer.readUInt32LE(offset + 1);
        this.#columnCount = buffer.readUInt16LE(offset + 5);
        this.parameterCount = buffer.readUInt16LE(offset + 7);
        return this.parameterCount > 0 ? this.#goTo('parameters', this.parameterCount) : this.#goToColumns();
      case 'parameters':
        if (--this.#awaited === 0) this.#step = 'parameters end';
        return false;
      case 'parameters end':
        return this.#goToColumns();
      case 'columns':
        this.#reader.take(packet);
        if (--this.#awaited === 0) this.#step = 'columns end';
        return false;
      case 'columns end':
        this.columns = this.#reader.finish();
        return true;
      default:
        return this.#step satisfies never;
    }
  }

  #goToColumns(): boolean {
    return this.#columnCount > 0 ? this.#goTo('columns', this.#columnCount) : true;
  }
  #goTo(step: 'parameters' | 'columns', count: number): false {
    this.#step = step;
    this.#awaited = count;
    return false;
  }
}
