// What tests need beside Node's packages, installed where it is missing and may be: by Debian's packages, for root.
import { spawnSync } from 'node:child_process';

const tools: readonly (readonly [command: string, debianPackage: string])[] = [
  ['strace', 'strace'],
  ['openssl', 'openssl'],
  // Beside the server of OFFTHREAD_TEST_MYSQL too: tests that kill or freeze one use one of their own.
  ['mariadbd', 'mariadb-server'],
];

const isMissing = ([command]: readonly [string, string]) => spawnSync(command, ['--version']).error !== undefined;
const missing = tools.filter(isMissing).map(([, debianPackage]) => debianPackage);

if (missing.length > 0 && process.platform === 'linux') {
  if (process.getuid?.() === 0) {
    console.log(`Installing ${missing.join(', ')} with apt-get.`);
    // Nobody is asked, and no server is started: the tests start their own.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync('apt-get', ['update'], { env, stdio: 'ignore' });
    const install = ['install', '--yes', '--no-install-recommends', ...missing];
    spawnSync('apt-get', install, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const still = tools.filter(isMissing);
  if (still.length > 0) {
    console.error(
      `The tests need ${still.map(([command]) => command).join(', ')}: apt-get install ${missing.join(' ')}`,
    );
    process.exitCode = 1;
  }
}
