import { unreported } from './check-api.js';
import { violations } from './check-layout.js';
import { unpublishable } from './check-package.js';
import { unexpected } from './check-types.js';

const root = process.cwd();
// First, since npm packs in a process of its own meanwhile.
const packaged = unpublishable(root);
const found = [
  ...violations(root),
  ...unexpected(root, `${root}/test/types/mistakes.ts`),
  ...unreported(root),
  ...(await packaged),
];
for (const line of found) console.error(line);
process.exitCode = found.length > 0 ? 1 : 0;
