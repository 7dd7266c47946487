import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('./program.js', import.meta.url));

/** What each process prints before it ends by itself, with exit code 0. */
const scenarios: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['idle', ['idle']],
  ['pending', ['LaneLostError', 'later']],
  ['pending on a thread that dies', [...new Array<string>(20).fill('LaneLostError'), 'all told']],
  ['stuck', ['TimeoutError']],
  ['closed with a thread that hangs', ['PoolClosedError', 'closed']],
];
/** These run one after the other in one process, and each line says whose it is. */
const memories: readonly (readonly [name: string, what: string, lines: readonly string[]])[] = [
  ['forgotten', 'objects that are forgotten are freed on their thread, and those that are used are not', ['1', '0']],
  ['forgotten callbacks', 'callbacks that the module has forgotten are freed here', ['collected']],
  ['in use', 'an object lives as long as a method of it, or a loop over it', ['tea', '1', '2', '3']],
];

function run(names: readonly string[], ...flags: string[]): Promise<{ code: unknown; printed: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, program, ...names], { timeout: 50_000 }, (error, stdout, stderr) => {
      // The signal where it was killed, since it did not end.
      const code = error === null ? 0 : (error.signal ?? error.code);
      resolve({ code, printed: `${stdout}${stderr}`.trim().split('\n').sort() });
    });
  });
}

describe('wrap: the process ends by itself, and not before its calls are answered', function () {
  this.timeout(60_000);
  for (const [name, printed] of scenarios) {
    it(name, async () => {
      expect(await run([name])).to.deep.equal({ code: 0, printed: [...printed].sort() });
    });
  }
});

describe('wrap: memory', function () {
  this.timeout(60_000);
  let told: Awaited<ReturnType<typeof run>>;
  before(async () => {
    told = await run(
      memories.map(([name]) => name),
      '--expose-gc',
    );
  });
  for (const [name, what, lines] of memories) {
    it(what, () => {
      const printed = told.printed.filter((line) => line.startsWith(`${name}: `));
      expect({ ...told, printed }).to.deep.equal({ code: 0, printed: lines.map((line) => `${name}: ${line}`).sort() });
    });
  }
});
