import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind, problemKindInfo } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * The package has no CommonJS, and no fallback for resolvers that do not read `exports`: it is judged by those who import
 * it, as are-the-types-wrong does in its profile `esm-only`.
 */
const resolutions = ['node16-esm', 'bundler'] as const;

/** What would be wrong with the package that is built in `root`, if it were published as it is; one line each. */
export async function unpublishable(root: string): Promise<string[]> {
  const tarball = await pack(root);
  return [...(await misdescribed(tarball)), ...(await mistyped(tarball))];
}

/** What npm would publish. No script runs: `prepack` would build what is being checked. */
export async function pack(root: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'offthread-pack-'));
  try {
    const options = ['--ignore-scripts', '--offline', '--silent', '--pack-destination', folder];
    await promisify(execFile)('npm', ['pack', ...options], { cwd: root });
    const [file] = readdirSync(folder);
    return new Uint8Array(readFileSync(join(folder, file as string)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** publint reads package.json, and whether the files that it names are there and are what it says. */
async function misdescribed(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  return messages.map((message) => `package.json: publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** are-the-types-wrong resolves each export as TypeScript does for those who install it. */
async function mistyped(tarball: Uint8Array): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (analysis.types === false) return ['package.json: are-the-types-wrong: there are no types'];
  return analysis.problems
    .filter((problem) => resolutions.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)))
    .map((problem) => {
      const { shortDescription, docsUrl } = problemKindInfo[problem.kind];
      return `package.json: are-the-types-wrong: ${placeOf(problem)}: ${shortDescription}, see ${docsUrl}`;
    });
}

function placeOf(problem: Problem): string {
  if ('entrypoint' in problem) return `${problem.entrypoint} (${problem.resolutionKind})`;
  return 'fileName' in problem ? problem.fileName : problem.typesFileName;
}
