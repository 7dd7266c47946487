import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { structuredPatch } from 'diff';
import { type ApiReport, apiReports } from './api-report.js';

const FOLDER = 'api';
const WAY_OUT = 'If that is meant, write it down with `npm run api`, and in CHANGELOG.md what it means to users.';

/** Where the built declarations are not what the checked-in reports say, one text each. */
export function unreported(root: string): string[] {
  const reports = apiReports(root);
  const changed = reports.flatMap(({ name, path, text }) => {
    if (!existsSync(join(root, path))) return [`${path}: there is no report of ${name}. ${WAY_OUT}`];
    const known = readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
    if (known === text) return [];
    return [`${path}: ${name} does not declare what its report says:\n${difference(known, text)}\n${WAY_OUT}`];
  });
  return [...changed, ...left(root, reports).map((path) => `${path}: there is no such export. ${WAY_OUT}`)];
}

export function writeReports(root: string): void {
  const reports = apiReports(root);
  for (const { path, text } of reports) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of left(root, reports)) rmSync(join(root, path));
}

/** Reports of exports that are gone. */
function left(root: string, reports: readonly ApiReport[]): string[] {
  const paths = new Set(reports.map(({ path }) => path));
  const files = existsSync(join(root, FOLDER)) ? readdirSync(join(root, FOLDER)) : [];
  return files.map((file) => posix.join(FOLDER, file)).filter((path) => !paths.has(path));
}

function difference(known: string, text: string): string {
  const { hunks } = structuredPatch('', '', known, text, '', '', { context: 2 });
  return hunks.map(({ lines }) => lines.map((line) => `  ${line}`.trimEnd()).join('\n')).join('\n  …\n');
}
