import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Cell } from '../../lib/wire/cell.js';

describe('wire: full messages', () => {
  it('are sent only while few of them are unread, each acknowledgement lets one more go', async () => {
    const cell = new Cell();
    const worker = new Worker(new URL('./unread.js', import.meta.url), { workerData: cell.buffer });
    const exited = once(worker, 'exit');
    const sent: number[] = [];
    worker.on('message', (i: number) => sent.push(i));
    while (sent.length < 2) await once(worker, 'message');
    await pause(100);
    expect(sent).to.deep.equal([1, 2]);
    for (const i of [3, 4, 5]) {
      cell.acknowledge();
      await once(worker, 'message');
      expect(sent.at(-1)).to.equal(i);
    }
    await exited;
  });
});
