import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Stage } from './stage.js';

const program = fileURLToPath(new URL('./program.js', import.meta.url));

/** What each process prints before it ends by itself, with exit code 0. */
const scenarios: readonly (readonly [name: string, lines: readonly string[], rows: readonly number[]])[] = [
  ['idle', ['idle'], [1]],
  ['a stream is forgotten', ['1'], [1]],
  ['printing', ['from a unit', 'closed'], [1]],
  ['pending', ['written', 'LaneLostError', 'TimeoutError', 'read'], [1]],
  ['pending for a lane that opens again after a while', ['LaneLostError', '2'], [2]],
  ['destroyed over a statement that hangs, and fails in the end', ['PoolClosedError'], []],
  ['exits while a write waits for a lock', ['exit'], []],
];

describe('lanes: the process of a pool ends by itself, and not before its calls are answered', function () {
  this.timeout(40_000);
  const runs: { stage: Stage; ending: Promise<{ code: unknown; printed: string[] }> }[] = [];

  // All at once, since each waits most of its time.
  before(() => {
    for (const [name] of scenarios) {
      const stage = new Stage();
      runs.push({ stage, ending: runProgram(name, stage) });
    }
  });
  after(() => Promise.all(runs.map(({ stage }) => stage.remove())));

  scenarios.forEach(([name, printed, rows], i) => {
    it(name, async () => {
      const { stage, ending } = runs[i] as (typeof runs)[number];
      expect(await ending).to.deep.equal({ code: 0, printed });
      expect(stage.connect().prepare('select id from note').pluck().all()).to.deep.equal(rows);
    });
  });

  it('a process that is killed has lost nothing that it was told is written', async () => {
    const stage = new Stage();
    try {
      const child = spawn(process.execPath, [program, 'writing', stage.file], { stdio: ['ignore', 'pipe', 'inherit'] });
      let printed = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        printed += chunk;
        if (printed.length > 400) child.kill('SIGKILL');
      }
      const told = printed.trim().split('\n').map(Number);
      const connection = stage.connect();
      const rows = connection.prepare('select id from note order by id').pluck().all();
      expect(rows).to.include.members(told);
      expect(rows).to.deep.equal(rows.map((_, i) => i + 1));
      expect(connection.pragma('integrity_check', { simple: true })).to.equal('ok');
    } finally {
      await stage.remove();
    }
  });

  function runProgram(name: string, { file, scratch }: Stage): Promise<{ code: unknown; printed: string[] }> {
    return new Promise((resolve) => {
      const args = [program, name, file, scratch.file('obstacle')];
      execFile(process.execPath, args, { timeout: 30_000 }, (error, stdout, stderr) => {
        // The signal where it was killed, since it did not end.
        const code = error === null ? 0 : (error.signal ?? error.code);
        resolve({ code, printed: `${stdout}${stderr}`.trim().split('\n') });
      });
    });
  }
});
