import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type AnyStage, on, onEach } from '../lanes/dialects.js';
import type { Notes } from '../lanes/stage.js';

const program = fileURLToPath(new URL('./leaving.js', import.meta.url));

onEach('leases: one whose caller is gone is undone', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;
  let last: ChildProcess | undefined;
  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: 1 });
  });
  beforeEach(() => pool.run('clear'));
  afterEach(() => last?.kill('SIGKILL'));
  after(() => stage.remove());

  /** A process in which a lease has written, and what it says line by line. */
  function start(end: string, env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [program, stage.url, end], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    last = child;
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const exit = once(child, 'exit');
    return { child, exit, line: async () => (await lines.next()).value };
  }

  /** Whoever comes next gets its lock, and does not find its row. */
  async function expectUndone(): Promise<void> {
    await pool.run('add', [1]);
    expect(await stage.ids()).to.deep.equal([1]);
  }

  it('its process is killed', async () => {
    const { child, exit, line } = start('SIGKILL');
    expect(await line()).to.equal('written');
    expect(await stage.ids()).to.deep.equal([]);
    child.kill('SIGKILL');
    expect(await exit).to.deep.equal([null, 'SIGKILL']);
    await expectUndone();
  }).timeout(60_000);

  async function endThread(end: string, env?: NodeJS.ProcessEnv): Promise<void> {
    const { child, exit, line } = start(end, env);
    expect(await line()).to.equal('written');
    expect(await stage.ids()).to.deep.equal([]);
    child.stdin.write('end');
    expect(await line()).to.equal('ended');
    // While the process of that thread lives on.
    await expectUndone();
    child.stdin.end();
    expect(await exit).to.deep.equal([0, null]);
  }
  for (const end of ['terminate', 'process.exit'])
    it(`its thread, which had the pool, is ended by ${end}`, () => endThread(end)).timeout(60_000);

  on(dialect, 'mysql')('its thread is ended, and its connection was relayed', function () {
    this.timeout(60_000);
    return endThread('terminate', { OFFTHREAD_TRANSPORT: 'relay' });
  });
});
