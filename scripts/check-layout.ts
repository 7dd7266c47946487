import { existsSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { type Found, readSources, type Source } from './source.js';

/** The rooms of the house, and the rooms each may import from, besides itself. A new room is a line here. */
const rooms: Record<string, readonly string[]> = {
  errors: [],
  plan: ['errors'],
  wire: ['errors', 'plan'],
  connection: ['errors', 'plan', 'wire'],
  orm: ['errors', 'plan', 'wire', 'connection'],
  workers: ['errors', 'plan', 'wire', 'connection', 'orm'],
  lanes: ['errors', 'plan', 'wire', 'connection'],
  pool: ['errors', 'plan', 'wire', 'connection', 'lanes'],
  otel: ['errors', 'plan', 'wire', 'lanes', 'pool'],
  adapters: ['errors', 'plan', 'wire', 'connection', 'orm', 'lanes', 'pool', 'otel'],
  index: ['errors', 'plan', 'pool'],
};
/** Adapters that are more than one file: the others stand in a folder of its name. */
const largeAdapters = ['kysely'];
const synchronous = ['orm', 'connection'];
const mayWait = [
  'workers/thread.cts',
  'workers/entry.ts',
  'workers/wrap-thread.cts',
  'workers/wrap.ts',
  'workers/relay.ts',
  'workers/backup.ts',
];
const threading = ['worker_threads', 'piscina', 'comlink'];
const importedOnce = ['piscina', 'better-sqlite3', 'mysql2', 'koffi', 'comlink'];
/** Optional peers, and whose they are: nobody else needs them installed. */
const adaptersPeers: Record<string, string> = { fastify: 'adapters', '@opentelemetry/api': 'otel' };
const junkRooms = /^(utils?|common|helpers?|types)$/;

/** Every breach of the layout below `root`, one line each; the rules are told in CONTRIBUTING.md. */
export function violations(root: string): string[] {
  const read = (folders: string[]) =>
    folders.filter((folder) => existsSync(posix.join(root, folder))).flatMap((folder) => readSources(root, folder));
  const house = read(['lib', 'workers']);
  const around = read(['test', 'examples', 'bench', 'scripts']);
  const paths = new Set(house.map(({ path }) => path));
  return [
    ...house.flatMap((source) => [...direction(source), ...waiting(source)]),
    ...oneImporter(house),
    ...circles(house, paths),
    ...[...house, ...around].flatMap(named),
  ];
}

/** `lib/orm/session.ts` stands in the room orm, `lib/kysely.ts` with the adapters, and `lib/kysely/driver.ts` behind it. */
function roomOf(path: string): string | undefined {
  const [top, name = '', ...deeper] = path.split('/');
  if (top === 'workers') return 'workers';
  if (top !== 'lib') return undefined;
  const room = name.replace(/\.ts$/, '');
  if (Object.hasOwn(rooms, room)) return room;
  return deeper.length === 0 || largeAdapters.includes(name) ? 'adapters' : undefined;
}

function* direction(source: Source): Generator<string> {
  const from = roomOf(source.path);
  if (!from) {
    yield `${source.path}:1: no room of this name: move the file, or give the room its line in scripts/check-layout.ts`;
    return;
  }
  for (const found of source.imports) {
    const at = `${source.path}:${found.line}`;
    if (packageOf(found.text) === 'offthread') yield `${at}: the library imports itself by path, not by name`;
    if (synchronous.includes(from) && threading.includes(packageOf(found.text)))
      yield `${at}: lib/${from}/ knows no thread: move what needs ${found.text} to lib/lanes/ or workers/`;
    const owner = adaptersPeers[packageOf(found.text)];
    if (owner !== undefined && owner !== from)
      yield `${at}: ${from} imports no adapter's peer, types included: ${found.text} belongs to ${owner}`;
    const target = targetOf(source, found);
    const to = target && roomOf(target);
    if (target && to !== from && !(to && rooms[from]?.includes(to))) yield `${at}: ${upward(from, to, target)}`;
  }
}

function upward(from: string, to: string | undefined, target: string): string {
  if (from === 'workers' && (to === 'lanes' || to === 'pool'))
    return `workers/ is the other thread and never imports ${target}: what both sides need belongs to lib/wire/ or lib/plan/`;
  if (to === 'workers') return `lib never imports workers/: name the entry by URL`;
  const below = rooms[from]?.join(', ') || 'no other room';
  return `imports run downward only: ${from} may import ${below}, not ${target}; move what is needed further down`;
}

function waiting({ path, waits }: Source): string[] {
  const room = roomOf(path) ?? '';
  if (synchronous.includes(room))
    return waits.map(
      ({ line, text }) => `${path}:${line}: lib/${room}/ is synchronous: no \`${text}\`; wait on the caller's side`,
    );
  if (room !== 'workers' || mayWait.includes(path)) return [];
  return waits.map(({ line, text }) => `${path}:${line}: only ${mayWait.join(', ')} may wait: no \`${text}\` here`);
}

function oneImporter(house: readonly Source[]): string[] {
  return importedOnce.flatMap((name) => {
    const importers = house.flatMap(({ path, imports }) => {
      const first = imports.find(({ text }) => packageOf(text) === name);
      return first ? [{ path, line: first.line }] : [];
    });
    if (importers.length < 2) return [];
    return importers.map(({ path, line }) => {
      const others = importers.filter((other) => other.path !== path).map((other) => other.path);
      return `${path}:${line}: ${name} has one importer, types included, and ${others.join(', ')} is another: pass the object, or an interface of ours`;
    });
  });
}

/** A walk in depth: an import of a file that is still being walked closes a circle. */
function circles(house: readonly Source[], paths: ReadonlySet<string>): string[] {
  const sources = new Map(house.map((source) => [source.path, source]));
  const done = new Set<string>();
  const walk = (source: Source, above: readonly string[]): string[] => {
    const trail = [...above, source.path];
    const closed = source.imports.flatMap((found) => {
      const target = targetOf(source, found, paths);
      const next = target && sources.get(target);
      if (!next || done.has(next.path)) return [];
      const start = trail.indexOf(next.path);
      if (start < 0) return walk(next, trail);
      const circle = [...trail.slice(start), next.path].join(' -> ');
      return [
        `${source.path}:${found.line}: no circles, type imports included: ${circle}; move what both need further down`,
      ];
    });
    done.add(source.path);
    return closed;
  };
  return house.flatMap((source) => (done.has(source.path) ? [] : walk(source, [])));
}

function named({ path }: Source): string[] {
  const name = basename(path).replace(/(\.d)?\.[cm]?ts$/, '');
  return junkRooms.test(name)
    ? [`${path}:1: a file is one noun, and \`${name}\` is none: name it after what it holds`]
    : [];
}

/** The path a relative import means, if it stays among `paths` (where they are given); undefined for a package. */
function targetOf(source: Source, { text }: Found, paths?: ReadonlySet<string>): string | undefined {
  if (!text.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(source.path), text).replace(/\.([cm]?)js$/, '.$1ts');
  if (!paths) return path;
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => paths.has(candidate));
}

function packageOf(specifier: string): string {
  const parts = specifier.replace(/^node:/, '').split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
