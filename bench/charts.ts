import { SLICE } from './heartbeat.js';
import { valuesOf } from './lines.js';
import type { Results, TrialResult } from './results.js';
import { medians, PERCENTILES, spread } from './statistics.js';

export interface Chart {
  readonly title: string;
  /** How to read it. */
  readonly caption: string;
  /** In Vega-Lite's terms. */
  readonly spec: object;
}

const SIZE = { width: 1_000, height: 320 };

/** The charts for which these results have data. */
export function chartsOf(results: Results): Chart[] {
  return [throughput(results), ...latencies(results), delays(results)].filter((chart) => chart !== undefined);
}

function throughput({ trials }: Results): Chart | undefined {
  const reads = trials.filter(({ group }) => group === 'reads');
  if (reads.length < 2) return undefined;
  const values = reads.flatMap(({ name, contenders }) =>
    contenders.map((contender) => {
      const { median, min, max } = spread(valuesOf(contender, 'callsPerSecond'));
      return { inFlight: Number(name.replace('reads-', '')), who: contender.title, median, min, max };
    }),
  );
  const x = {
    field: 'inFlight',
    type: 'quantitative',
    scale: { type: 'log', base: 2, nice: false },
    axis: {
      title: 'calls in flight',
      values: [...new Set(values.map(({ inFlight }) => inFlight))],
      format: ',d',
      grid: false,
    },
  };
  const y = { type: 'quantitative', axis: { title: 'calls per second', format: '~s' } };
  const color = colours(values.map(({ who }) => who));
  return {
    title: 'Point reads by key: calls per second by calls in flight',
    caption:
      'Higher is better. Medians, with a bar from the slowest run to the fastest. better-sqlite3 on the main thread makes one call after the other, whatever the number, and is measured where its ratio is; meanwhile nothing else runs there.',
    spec: {
      ...SIZE,
      data: { values },
      layer: [
        {
          mark: { type: 'rule', opacity: 0.5, strokeWidth: 2 },
          encoding: { x, y: { ...y, field: 'min' }, y2: { field: 'max' }, color },
        },
        {
          mark: { type: 'line', point: { size: 60, filled: true } },
          encoding: { x, y: { ...y, field: 'median' }, color },
        },
      ],
    },
  };
}

const SHOWN = ['reads-1', 'reads-64', 'insert-64', 'read-beside-slow', 'write-beside-slow'];

function latencies({ trials }: Results): Chart[] {
  return trials.filter(({ name }) => SHOWN.includes(name)).map(latency);
}

/** A label at each line of a logarithmic axis would lie on the next. */
const ONE_TWO_FIVE = "test(/^[125]e/, format(datum.value, '.0e')) ? format(datum.value, '~r') : ''";
const nines = (percent: number) => Number((-Math.log10(1 - percent / 100)).toFixed(6));

/** By the number of nines, since what users notice is in the last per cent. */
function latency({ title, contenders }: TrialResult): Chart {
  const measured = contenders.filter(({ runs }) => runs[0]?.waits);
  const values = measured.flatMap(({ title: who, runs }) =>
    medians(runs.map((run) => run.waits!)).flatMap((microseconds, i) => {
      const percent = PERCENTILES[i]!;
      return percent === 100 ? [] : [{ who, nines: nines(percent), milliseconds: microseconds / 1_000 }];
    }),
  );
  return {
    title: `Latency: ${title}`,
    caption: 'Lower is better. Of all calls, so many took no longer than this; medians over the runs.',
    spec: {
      ...SIZE,
      data: { values },
      mark: { type: 'line', interpolate: 'monotone', strokeWidth: 2.5 },
      encoding: {
        x: {
          field: 'nines',
          type: 'quantitative',
          scale: { domain: [0, 3], nice: false },
          axis: {
            title: 'of the calls',
            values: [50, 75, 90, 95, 99, 99.9].map(nines),
            labelExpr: "format(100 - 100 * pow(10, -datum.value), '.3~g') + ' %'",
          },
        },
        y: {
          field: 'milliseconds',
          type: 'quantitative',
          scale: { type: 'log', nice: false },
          axis: { title: 'milliseconds', labelExpr: ONE_TWO_FIVE },
        },
        color: colours(values.map(({ who }) => who)),
      },
    },
  };
}

function delays({ trials }: Results): Chart | undefined {
  const trial = trials.find(({ name }) => name === 'loop-mixed');
  if (!trial) return undefined;
  const values = trial.contenders.flatMap(({ title: who, runs }) =>
    (runs[0]?.delays ?? []).map((milliseconds, slice) => ({ who, seconds: (slice * SLICE) / 1_000, milliseconds })),
  );
  return {
    title: 'The event loop’s delay over time, the same work on the main thread and offloaded',
    caption: `Lower is better: how late a timer was, the longest in each ${SLICE} ms of the first run. 8 callers read by key, one lists 10,000 rows, one runs queries of 100 ms.`,
    spec: {
      ...SIZE,
      data: { values },
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
      encoding: {
        x: { field: 'seconds', type: 'quantitative', axis: { title: 'seconds', grid: false }, scale: { nice: false } },
        y: { field: 'milliseconds', type: 'quantitative', axis: { title: 'milliseconds late' } },
        color: colours(trial.contenders.map(({ title }) => title)),
      },
    },
  };
}

/** A contender has its colour in all charts; the page says which that is, on light and on dark. */
function colours(names: readonly string[]) {
  const domain = [...new Set(names)].sort((a, b) => rank(a) - rank(b));
  const taken = new Set<number>();
  const range = domain.map((name) => {
    let place = rank(name);
    while (taken.has(place)) place++;
    taken.add(place);
    return `var(--series-${place + 1})`;
  });
  return {
    field: 'who',
    type: 'nominal',
    scale: { domain, range },
    legend: { title: null, orient: 'top', direction: 'horizontal', columns: 3 },
  };
}

const RANKS = [/^pool, sql|^pool with|nobody else/, /better-sqlite3|main thread/, /Piscina/, /node-sqlite3/, /^pool/];
const rank = (name: string): number => RANKS.findIndex((pattern) => pattern.test(name));
