/** What can be measured: what it is called, its unit, and which way is better. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
}

const FIGURES = {
  callsPerSecond: { label: 'calls per second', unit: '/s', better: 'more', digits: 0 },
  callTime: { label: 'time per call', unit: ' µs', better: 'less', digits: 1 },
  wallTime: { label: 'time', unit: ' ms', better: 'less', digits: 1 },
  busyTime: { label: 'main thread busy', unit: ' ms', better: 'less', digits: 2 },
  utilization: { label: 'event-loop utilization', unit: '', better: 'less', digits: 2 },
  waitP50: { label: 'wait, p50', unit: ' µs', better: 'less', digits: 0 },
  waitP99: { label: 'wait, p99', unit: ' µs', better: 'less', digits: 0 },
  delayP50: { label: 'event-loop delay, p50', unit: ' ms', better: 'less', digits: 1 },
  delayP99: { label: 'event-loop delay, p99', unit: ' ms', better: 'less', digits: 1 },
  delayMax: { label: 'event-loop delay, longest', unit: ' ms', better: 'less', digits: 1 },
  bytesPerCall: { label: 'heap per waiting call', unit: ' B', better: 'less', digits: 0 },
  heapGrowth: { label: 'heap growth', unit: ' KB', better: 'less', digits: 0 },
  laneMemory: { label: 'resident memory per lane', unit: ' MB', better: 'less', digits: 1 },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

export function figure(name: FigureName): Figure {
  return FIGURES[name];
}

export function format(name: FigureName, value: number): string {
  const { digits, unit } = figure(name);
  return decimal(value, digits) + unit;
}

export function decimal(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
