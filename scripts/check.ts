import { violations } from './check-layout.js';
import { unexpected } from './check-types.js';

const root = process.cwd();
const found = [...violations(root), ...unexpected(root, `${root}/test/types/mistakes.ts`)];
for (const line of found) console.error(line);
process.exitCode = found.length > 0 ? 1 : 0;
