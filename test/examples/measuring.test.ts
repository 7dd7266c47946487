import { expect } from 'chai';
import { Heartbeat } from '../../examples/world/heartbeat.js';
import { conclusion, table } from '../../examples/world/report.js';
import { inFlight, oneByOne } from '../../examples/world/trial.js';

const pause = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

describe('What the tour measures with', () => {
  describe('the heartbeat', () => {
    it('tells of a blocked event loop, even of one that is blocked still', () => {
      using heartbeat = new Heartbeat();
      pause(200);
      const { p50, p99, max } = heartbeat.delay();
      expect(max).to.be.at.least(194);
      expect(p99).to.be.at.least(180);
      // Each of the beats that were swallowed counts, late by its own time: half of them by half of the block.
      expect(p50).to.be.at.least(90);
    });

    it('beats while nothing blocks it', async () => {
      using heartbeat = new Heartbeat();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { p50, p99, max } = heartbeat.delay();
      expect(p50).to.be.above(0);
      expect(p99).to.be.at.least(p50);
      expect(max).to.be.at.least(p50);
    });
  });

  describe('a trial', () => {
    const inputs = Array.from({ length: 100 }, (_, i) => i);

    it('makes plain calls one after the other, and the event loop has a turn after each', async () => {
      const made: (number | string)[] = [];
      const figures = await oneByOne(inputs.slice(0, 3), (input) => {
        made.push(input);
        setImmediate(() => made.push('a turn'));
      });
      expect(made).to.deep.equal([0, 'a turn', 1, 'a turn', 2, 'a turn']);
      expect(figures.callsPerSecond).to.be.above(0);
    });

    it('keeps so many calls in flight, and makes each once', async () => {
      const made: number[] = [];
      const widths = new Set<number>();
      let width = 0;
      await inFlight(8, inputs, async (input) => {
        made.push(input);
        widths.add(++width);
        await new Promise(setImmediate);
        width--;
      });
      expect(made).to.deep.equal(inputs);
      expect(Math.max(...widths)).to.equal(8);
    });

    it('fails with the call that fails', async () => {
      const error = new Error('no');
      expect(await inFlight(8, inputs, () => Promise.reject(error)).catch((error) => error)).to.equal(error);
      expect(
        await oneByOne(inputs, () => {
          throw error;
        }).catch((error) => error),
      ).to.equal(error);
    });
  });

  describe('the report', () => {
    const figures = (callsPerSecond: number, max: number) => ({ callsPerSecond, delay: { p50: 0.04, p99: 1, max } });
    const comparisons = [
      { what: 'a page', plain: figures(1_000, 120.26), pooled: figures(612.3, 9) },
      { what: 'a write', plain: figures(1_234.5, 3), pooled: figures(12_345, 10.5) },
    ];

    it('is a table of two rows for each comparison', () => {
      expect(table(comparisons)).to.equal(
        [
          '          where         calls/s   delay p50      p99        max    ratio',
          'a page    main thread     1,000      0.0 ms   1.0 ms   120.3 ms         ',
          'a page    pool              612      0.0 ms   1.0 ms     9.0 ms    0.61x',
          'a write   main thread     1,235      0.0 ms   1.0 ms     3.0 ms         ',
          'a write   pool           12,345      0.0 ms   1.0 ms    10.5 ms   10.00x',
        ].join('\n'),
      );
    });

    it('concludes with the figures as they are, in favour of either way', () => {
      expect(conclusion(comparisons)).to.equal(
        'Through the pool: a page at 0.61x, a write at 10.00x the speed of plain calls on the main thread, ' +
          'whose event loop was at worst 10.5 ms late, against 120.3 ms with plain calls.',
      );
    });
  });
});
