import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import { type Notes, Stage } from './stage.js';

describe('lanes: what is left of a pool that was closed', () => {
  before(async () => {
    if (!existsSync('/proc/self/task')) throw new Error('Threads are counted in /proc: run this test on Linux.');
    // The process has threads of its own, which come when they are first needed.
    const stage = new Stage();
    await (await stage.open({ threads: 1 })).close();
    await stage.remove();
  });

  const threads = () => readdirSync('/proc/self/task').length;
  /** The files in a folder that this process has open. */
  function openFiles(folder: string): string[] {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const file = readlinkSync(`/proc/self/fd/${fd}`);
        return file.startsWith(folder) ? [file] : [];
      } catch {
        return [];
      }
    });
  }

  const ends: Record<string, (pool: Notes) => Promise<unknown>> = {
    'close, behind reads, writes and iterators that units left open': async (pool) => {
      await Promise.all([pool.run('add', [1]), pool.run('ids'), pool.run('hazard.iterateRawReading')]);
      await pool.run('hazard.iterateRaw', [2]);
      await pool.close();
    },
    'close, with lanes that were replaced': async (pool) => {
      await rejection(pool.run('death.exit', [1]));
      await rejection(pool.run('death.exitReading'));
      await pool.run('add', [1]);
      await pool.close();
    },
    'close, behind a unit that does not end': async (pool) => {
      const told = rejection(pool.run('death.loop', [1]));
      await pool.close({ timeout: 30 });
      await told;
    },
    'destroy, in the middle of work': async (pool) => {
      const writing = Gate.opened();
      const told = [
        rejection(pool.run('work', [1, writing.buffer])),
        rejection(pool.run('workReading', [writing.buffer])),
      ];
      await writing.reached(2);
      await pool.destroy();
      await Promise.all(told);
    },
  };
  for (const [name, end] of Object.entries(ends)) {
    it(`${name}: no thread, no open file, no -wal and no -shm`, async () => {
      const stage = new Stage();
      try {
        const before = threads();
        const pool = await stage.open();
        expect(threads()).to.be.greaterThan(before);
        expect(openFiles(stage.scratch.path)).to.include(stage.file);
        await end(pool);
        // A thread that was joined stands in the kernel's list for a moment.
        for (let i = 0; i < 100 && threads() > before; i++) await pause(1);
        expect(threads()).to.equal(before);
        // A thread that was ended is heard of later, and then nobody may start another in its place.
        await pause(150);
        expect(threads()).to.equal(before);
        expect(openFiles(stage.scratch.path)).to.deep.equal([]);
        expect(stage.scratch.names()).to.deep.equal(['notes.db']);
        expect(pool.stats()).to.deep.include({ waiting: 0, running: 0, lanes: [] });
      } finally {
        await stage.remove();
      }
    });
  }

  it('a lane that is lost leaves no thread and no open file', async () => {
    const stage = new Stage();
    try {
      const pool = await stage.open();
      const before = { threads: threads(), files: openFiles(stage.scratch.path).length };
      for (let i = 0; i < 2; i++) {
        await rejection(pool.run('death.exit', [1]));
        await rejection(pool.run('death.loopReading', [], { timeout: 20 }));
        await pool.ping();
      }
      const now = () => ({ threads: threads(), files: openFiles(stage.scratch.path).length });
      // An ended thread is gone a moment later; one more thread than there are lanes may be kept ready.
      for (let i = 0; i < 200 && now().threads > before.threads + 1; i++) await pause(10);
      expect(now().threads).to.be.at.most(before.threads + 1);
      expect(now().files).to.equal(before.files);
      expect(pool.stats().lanesLost).to.equal(4);
    } finally {
      await stage.remove();
    }
  });
});
