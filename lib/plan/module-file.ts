import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { optionError } from '../errors.js';

const TWINS: readonly (readonly [from: string, to: string])[] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.cjs', '.cts'],
  ['.ts', '.js'],
  ['.mts', '.mjs'],
  ['.cts', '.cjs'],
];

/** The URL of a module that is given by it or by an absolute path. */
export function readModule(name: string, value: unknown, example = './units.js'): string {
  const allowed = `a file URL or an absolute path, such as new URL('${example}', import.meta.url)`;
  if (value instanceof URL || (typeof value === 'string' && value.startsWith('file:'))) {
    const url = String(value);
    if (!url.startsWith('file:')) throw optionError('range', name, url, allowed);
    return url;
  }
  if (typeof value !== 'string') throw optionError('type', name, value, allowed);
  if (!isAbsolute(value)) throw optionError('range', name, value, allowed);
  return pathToFileURL(value).href;
}

/** Makes the error that says why a module cannot be imported. */
type ModuleFailure = (failure: { module: string; reason: string; wayOut: string }) => Error;

export interface ModuleSearch {
  /** What to do where there is no such file. */
  readonly wayOut: string;
  /** The flags of the Node that shall import it. */
  readonly execArgv: readonly string[];
  readonly fail: ModuleFailure;
}

/** The file to import for a module: itself, or its twin in the other language where only that is there. */
export function locateModule(url: string, search: ModuleSearch): string {
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  if (existsSync(path)) return refuseTypeScript(url, path, path, search);
  const twin = TWINS.filter(([from]) => url.endsWith(from)).map(([from, to]) => url.slice(0, -from.length) + to)[0];
  const twinPath = twin === undefined ? undefined : fileURLToPath(twin);
  if (twin !== undefined && twinPath !== undefined && existsSync(twinPath))
    return refuseTypeScript(twin, twinPath, path, search);
  throw search.fail({
    module: path,
    reason: twinPath === undefined ? 'does not exist' : `does not exist, and neither does ${twinPath}`,
    wayOut: search.wayOut,
  });
}

/** TypeScript only where that Node can read it: by its own stripping, or by a loader that execArgv has set. */
function refuseTypeScript(url: string, path: string, asked: string, { execArgv, fail }: ModuleSearch): string {
  if (!/\.[mc]?ts$/.test(path) || canReadTypeScript(execArgv)) return url;
  throw fail({
    module: asked,
    reason:
      asked === path
        ? `is TypeScript, which Node ${process.versions.node} cannot run`
        : `does not exist; ${path} does, but Node ${process.versions.node} cannot run TypeScript`,
    wayOut:
      "Compile it first, use Node 22.18 or newer, or give the threads a loader: execArgv: ['--import', './loader.js'], a file that calls register() of tsx/esm/api.",
  });
}

const canReadTypeScript = (execArgv: readonly string[]): boolean =>
  Boolean((process.features as { typescript?: unknown }).typescript) ||
  execArgv.some(
    (flag) => /^--(import|loader|require|experimental-loader|experimental-strip-types)\b/.test(flag) || flag === '-r',
  );

/** Why the import of a module failed, which was found. */
export function importFailure(located: string, cause: unknown): { module: string; reason: string; wayOut: string } {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const isSyntax = cause instanceof SyntaxError;
  return {
    module: located,
    reason: `${isSyntax ? 'has a syntax error' : 'could not be imported'} (${reason})`,
    wayOut: isSyntax
      ? `node --check ${located.startsWith('file:') ? fileURLToPath(located) : located} shows the place, where it is in this file.`
      : 'The cause has its stack.',
  };
}
