// MySQL for `npm run test:mysql`: Debian has it in its unstable release alone, so it comes from there, with the libraries that
// it needs, into a folder of its own. Nothing is installed, and what apt takes is signed by Debian.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve('node_modules/.cache/mysql');
const program = join(folder, 'mysqld');
const root = join(folder, 'root');
const archives = join(folder, 'cache/archives');

if (!existsSync(program)) {
  rmSync(folder, { recursive: true, force: true });
  for (const path of [root, join(archives, 'partial'), join(folder, 'state/lists/partial')])
    mkdirSync(path, { recursive: true });
  const sources = join(folder, 'sources.list');
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(sources, `deb [signed-by=${key}] ${mirror()} unstable main\n`);
  // As if nothing were installed, so that all that it needs comes along.
  writeFileSync(join(folder, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...options, 'update']);
  run('apt-get', [...options, '--yes', '--no-install-recommends', '--download-only', 'install', 'mysql-server-core']);
  for (const name of readdirSync(archives))
    if (name.endsWith('.deb')) run('dpkg-deb', ['--extract', join(archives, name), root]);
  rmSync(join(folder, 'cache'), { recursive: true });
  const [libraries] = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  const path = join(root, 'usr/lib', libraries as string);
  const [loader] = readdirSync(path).filter((name) => /^ld-linux.*\.so\.\d$/.test(name));
  // With its own C library, which is newer than most systems'.
  writeFileSync(
    program,
    `#!/bin/sh
exec '${join(path, loader as string)}' --library-path '${path}' '${join(root, 'usr/sbin/mysqld')}' "$@" \\
  --lc-messages-dir='${join(root, 'usr/share/mysql')}' --plugin-dir='${join(root, 'usr/lib/mysql/plugin')}'
`,
  );
  chmodSync(program, 0o755);
}
console.log(program);

/** Where this system has its Debian from. */
function mirror(): string {
  const format = ['--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian'];
  const [first = ''] = run('apt-get', ['indextargets', ...format]).split('\n');
  return first === ''
    ? fail('apt-get indextargets', 'this system has nothing of Debian; apt-get update may help')
    : first;
}

function run(command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return error === undefined && status === 0 ? stdout : fail(command, error?.message ?? stderr.trim());
}

function fail(command: string, why: string): never {
  rmSync(folder, { recursive: true, force: true });
  throw new Error(
    `MySQL could not be fetched from Debian's unstable release, by ${command}: ${why}\nWith one of your own: OFFTHREAD_TEST_MYSQLD=/path/to/mysqld npm test`,
  );
}
