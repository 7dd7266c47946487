import { createPool } from 'offthread';

// A process that dies in the middle of a backup.
const [, , database, target] = process.argv as string[];
const pool = await createPool({ database: `sqlite:${database}` });
await pool.backup(target as string, { progress: () => process.kill(process.pid, 'SIGKILL') });
