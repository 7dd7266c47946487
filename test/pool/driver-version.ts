import { createPool } from 'offthread';

// A process of its own, which says that it is another version of Node: prints what it is warned of, by code and text.
Object.defineProperty(process.versions, 'node', { value: process.argv[2] });
process.on('warning', ({ name, message, ...rest }) => console.log(JSON.stringify({ name, message, ...rest })));
for (let i = 0; i < 2; i++) await (await createPool({ database: 'sqlite::memory:' })).close();
