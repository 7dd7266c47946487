// A program of its own: prints whether better-sqlite3 is loaded after importing offthread/orm, and after opening a session.
import { createRequire } from 'node:module';
import { openSession } from 'offthread/orm';

const { cache } = createRequire(import.meta.url);
const isLoaded = () => Object.keys(cache).some((path) => path.includes('better-sqlite3'));

const imported = isLoaded();
openSession('sqlite::memory:').close();
console.log(JSON.stringify({ imported, opened: isLoaded() }));
