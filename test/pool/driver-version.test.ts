import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('./driver-version.js', import.meta.url));
const { version } = createRequire(import.meta.url)('better-sqlite3/package.json');
const isOld = version.startsWith('12.');
const warningsOn = (node: string): string =>
  execFileSync(process.execPath, [program, node], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('a process whose threads end with better-sqlite3', () => {
  it(`${version} on Node 24 is ${isOld ? 'warned, once, and told which version does not abort it' : 'not warned'}`, () => {
    const warning = {
      name: 'OffthreadWarning',
      message: `better-sqlite3 ${version} may abort a process of Node 24.1.0 when one of its threads is ended, as that of a unit which hangs is. Install better-sqlite3 13.`,
      code: 'OFFTHREAD_DRIVER_VERSION',
    };
    expect(warningsOn('24.1.0')).to.equal(isOld ? `${JSON.stringify(warning)}\n` : '');
  });

  it(`${version} on Node 22 is not warned`, () => expect(warningsOn('22.18.0')).to.equal(''));
});
