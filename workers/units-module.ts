import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UnitsModuleError } from '../lib/errors.js';

const TWINS: readonly (readonly [from: string, to: string])[] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.ts', '.js'],
  ['.mts', '.mjs'],
];

/** The file to import for a units module: itself, or its twin in the other language where only that is there. */
export function locateUnits(url: string): string {
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  if (existsSync(path)) return refuseTypeScript(url, path, path);
  const twin = TWINS.filter(([from]) => url.endsWith(from)).map(([from, to]) => url.slice(0, -from.length) + to)[0];
  const twinPath = twin === undefined ? undefined : fileURLToPath(twin);
  if (twin !== undefined && twinPath !== undefined && existsSync(twinPath))
    return refuseTypeScript(twin, twinPath, path);
  throw new UnitsModuleError({
    module: path,
    reason: twinPath === undefined ? 'does not exist' : `does not exist, and neither does ${twinPath}`,
    wayOut: "Pass the file that exports the units: new URL('./units.js', import.meta.url).",
  });
}

/** TypeScript only where this thread can read it: Node's own stripping, or a loader that execArgv has set. */
function refuseTypeScript(url: string, path: string, asked: string): string {
  if (!/\.m?ts$/.test(path) || canReadTypeScript()) return url;
  throw new UnitsModuleError({
    module: asked,
    reason:
      asked === path
        ? `is TypeScript, which Node ${process.versions.node} cannot run`
        : `does not exist; ${path} does, but Node ${process.versions.node} cannot run TypeScript`,
    wayOut: "Compile it first, use Node 22.18 or newer, or give createPool a loader: execArgv: ['--import', 'tsx'].",
  });
}

const canReadTypeScript = (): boolean =>
  Boolean((process.features as { typescript?: unknown }).typescript) ||
  process.execArgv.some(
    (flag) => /^--(import|loader|require|experimental-loader|experimental-strip-types)\b/.test(flag) || flag === '-r',
  );
