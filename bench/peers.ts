import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where the bench's own packages are: the library and its tests do without them. */
const manifest = new URL('../../bench/package.json', import.meta.url);
const require = createRequire(manifest);

type Peer = '@mikro-orm/better-sqlite' | '@mikro-orm/mysql' | 'sqlite3' | 'vega' | 'vega-lite';

/** Loads one of the bench's own packages, as the caller's interface of it; CommonJS is its `default`. */
export async function importPeer<T>(name: Peer): Promise<T> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as T;
}

/** Installs what bench/package-lock.json names, where that has not been done yet. */
export function installPeers(): void {
  if (isInstalled()) return;
  console.error(
    'The bench installs its peers into bench/node_modules: once, and their SQLite may take minutes to compile.',
  );
  execFileSync('npm', ['ci', '--prefix', fileURLToPath(new URL('.', manifest))], {
    stdio: ['ignore', process.stderr, process.stderr],
  });
}

/** npm writes the second file at the end of an installation. */
function isInstalled(): boolean {
  const written = (path: string) => statSync(new URL(path, manifest), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return written('node_modules/.package-lock.json') > written('package-lock.json');
}
