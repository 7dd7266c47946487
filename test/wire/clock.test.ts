import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';

const reading = `
  const { parentPort } = require('node:worker_threads');
  import(${JSON.stringify(new URL('../../lib/wire/clock.js', import.meta.url).href)}).then(({ now }) => {
    const shared = () => Number(process.hrtime.bigint()) / 1e6;
    parentPort.postMessage([shared(), now(), shared()]);
  });`;

describe('the clock of all threads', () => {
  it('says what hrtime says, also on a thread that reads either for the first time', async () => {
    for (let i = 0; i < 3; i++) {
      const [[before, now, after]] = await once(new Worker(reading, { eval: true }), 'message');
      expect(now).to.be.within(before - 0.25, after + 0.25);
    }
  });
});
