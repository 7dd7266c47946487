import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe('importing offthread/orm', () => {
  it('loads no driver: better-sqlite3 is there only after a session was opened', () => {
    const program = fileURLToPath(new URL('./driverless.js', import.meta.url));
    const printed = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 20_000 });

    expect(JSON.parse(printed)).to.deep.equal({ imported: false, opened: true });
  });
});
