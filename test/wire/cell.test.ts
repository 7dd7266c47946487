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
      cell.acknowledge(1);
      await once(worker, 'message');
      expect(sent.at(-1)).to.equal(i);
    }
    await exited;
  });

  it('of several turns count as many', () => {
    const cell = new Cell();
    const isReadInTime = () => cell.awaitReading(0);
    expect(cell.awaitReader(2, 0)).to.equal(true);
    expect(cell.awaitReader(20, 0)).to.equal(false);
    cell.acknowledge(2);
    expect(isReadInTime()).to.equal(false);
    cell.acknowledge(20);
    expect(isReadInTime()).to.equal(true);
  });
});
