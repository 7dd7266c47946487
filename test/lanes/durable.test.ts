import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Stage } from './stage.js';

const program = fileURLToPath(new URL('./program.js', import.meta.url));

describe('lanes: what is acknowledged is on the disk', function () {
  this.timeout(60_000);
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.remove());

  it('a process killed in a storm of writes: every acknowledged row is there, and none half', async () => {
    const child = spawn(process.execPath, [program, 'storm', stage.file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      printed += chunk;
      if (printed.length > 20_000) child.kill('SIGKILL');
    }
    const told = printed.slice(0, printed.lastIndexOf('\n')).split('\n').map(Number);
    expect(told).to.have.length.above(3_000);
    const connection = stage.connect();
    const rows = new Set(connection.prepare('select id from note').pluck().all() as number[]);
    expect(told.filter((pair) => !rows.has(pair))).to.deep.equal([]);
    // A number and the next one, which were one list.
    expect([...rows].filter((id) => !rows.has(id ^ 1))).to.deep.equal([]);
    expect(connection.pragma('integrity_check', { simple: true })).to.equal('ok');
  });

  it('between the write of a group and its acknowledgement the system is told to sync', () => {
    const trace = stage.scratch.file('trace');
    const calls = 'trace=write,pwrite64,fdatasync,fsync';
    // A page is written whole, and printed whole.
    const args = [
      '--follow-forks',
      // Stops at these calls alone.
      '--seccomp-bpf',
      '--decode-fds=path',
      '--quiet=all',
      '--string-limit=8192',
      '-e',
      calls,
      '-o',
      trace,
    ];
    execFileSync('strace', [...args, process.execPath, program, 'marked', stage.file], { stdio: 'ignore' });
    const { acknowledged, early, syncs } = readTrace(readFileSync(trace, 'utf8'));
    expect(acknowledged).to.deep.equal(Array.from({ length: 640 }, (_, id) => id));
    expect(early).to.deep.equal([]);
    // A group may end early where the machine was busy, but they do share.
    expect(syncs).to.be.within(20, 320);
  });
});

/** Which rows were acknowledged, which of them before the log had been synced with them in it, and how often that was. */
function readTrace(trace: string): { acknowledged: number[]; early: number[]; syncs: number } {
  const acknowledged: number[] = [];
  const early: number[] = [];
  const begun = new Map<string, string>();
  const written = new Set<number>();
  const synced = new Set<number>();
  let syncs = 0;
  for (const line of trace.split('\n')) {
    const [thread = '', call = ''] = line.split(/ +(.*)/);
    if (call.endsWith('<unfinished ...>')) begun.set(thread, call);
    const whole = call.startsWith('<...') ? (begun.get(thread) ?? '') : call;
    if (/^pwrite64\(\d+<[^>]*-wal>/.test(call)) addAll(written, marksIn(call));
    if (/^(fdatasync|fsync)\(\d+<[^>]*-wal>/.test(whole) && / = 0$/.test(call)) {
      addAll(synced, written);
      syncs++;
    }
    const row = /^write\(1<[^>]*>, "(\d+)\\n"/.exec(call)?.[1];
    if (row === undefined) continue;
    acknowledged.push(Number(row));
    if (!synced.has(Number(row))) early.push(Number(row));
  }
  return { acknowledged, early, syncs };
}

const marksIn = (call: string) => [...call.matchAll(/mark(\d+)\./g)].map(([, row]) => Number(row));

function addAll(set: Set<number>, more: Iterable<number>): void {
  for (const each of more) set.add(each);
}
