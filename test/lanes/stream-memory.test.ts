import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { sharedServer } from '../mysql/server.js';
import { Scratch } from '../scratch.js';

const program = fileURLToPath(new URL('./stream-program.js', import.meta.url));
const MOST = 64 << 20;

describe('lanes: a stream of a million rows of 1 KB takes less than 64 MB of memory', function () {
  this.timeout(180_000);

  const measure = async (database: string, transport = '') => {
    const env = { ...process.env, OFFTHREAD_TRANSPORT: transport };
    const { stdout } = await promisify(execFile)(process.execPath, [program, database], { env });
    return JSON.parse(stdout) as { count: number; characters: number; more: number };
  };

  it('from SQLite', async () => {
    const scratch = new Scratch();
    const { more, ...rest } = await measure(`sqlite:${scratch.file()}`);
    expect(rest).to.deep.equal({ count: 1_000_000, characters: 1_000_000_000 });
    expect(more).to.be.below(MOST);
    scratch.remove();
  });

  for (const transport of ['', 'relay'])
    it(`from MySQL${transport && ', over a relay'}`, async () => {
      const server = await sharedServer();
      const name = `stream_memory${transport}`;
      await server.makeDatabase(name);
      const { more, ...rest } = await measure(server.url(name), transport);
      expect(rest).to.deep.equal({ count: 1_000_000, characters: 1_000_000_000 });
      expect(more).to.be.below(MOST);
    });
});
