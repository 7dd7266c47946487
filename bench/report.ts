import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Results } from './results.js';

const json = new URL('../../bench/report.json', import.meta.url);
const page = new URL('../../bench/report.html', import.meta.url);

export async function writeReport(results: Results): Promise<string> {
  writeFileSync(json, JSON.stringify(results, undefined, 2));
  await Promise.resolve();
  return fileURLToPath(page);
}
