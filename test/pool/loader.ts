import { register } from 'node:module';

// What `--import tsx` does, for this Node: its hooks read TypeScript.
register('./loader-hooks.js', import.meta.url);
