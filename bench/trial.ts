import type { FigureName, Figures } from './figures.js';

/** What the main program hands to the process of each run: the same for all contenders. */
export interface Setting {
  /** The database of users, which is only read. */
  readonly users: string;
  /** A folder on a real disk for databases that are written. */
  readonly folder: string;
  /** How long to measure. */
  readonly seconds: number;
  /** How far a recursive query counts in a millisecond on this machine. */
  readonly stepsPerMillisecond: number;
  /** The server of the trials that need one. */
  readonly mysql?: MysqlSetting;
}

/** Where a run finds the server of the bench: plain data, for its process. */
export interface MysqlSetting {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The certificate of the authority that vouches for the server. */
  readonly ca: string;
}

/** What one run has found. */
export interface Measurement {
  readonly figures: Figures;
  /** How long a call took, in microseconds, at each of PERCENTILES. */
  readonly waits?: readonly number[];
  /** How late the event loop was, in milliseconds, in each slice of SLICE milliseconds. */
  readonly delays?: readonly number[];
}

/** One way of doing what a trial is about. */
export interface Contender {
  readonly title: string;
  /** The event loop's delay of its runs is part of the bargain. */
  readonly isPool?: boolean;
  /** It needs a package of bench/package.json. */
  readonly isPeer?: boolean;
  /** Node's flags for its processes. */
  readonly flags?: readonly string[];
  readonly measure: (setting: Setting) => Measurement | Promise<Measurement>;
}

export interface Goal {
  readonly must: number;
  readonly aim?: number;
}

/** A line of the table: a figure of one contender, against another's where there is one. */
export interface Comparison {
  readonly what: string;
  readonly figure: FigureName;
  readonly of: string;
  readonly against?: string;
  readonly goal?: Goal;
}

export interface Trial {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  /** It needs a MySQL server, which the bench starts. */
  readonly needsMysql?: boolean;
  /** Each of its runs has one core for all its threads. */
  readonly isPinned?: boolean;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly comparisons: readonly Comparison[];
  /** What to do about what it shows. */
  readonly advice?: string;
}
