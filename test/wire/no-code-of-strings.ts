// A process whose Node makes no code of strings: rows have to become objects all the same.
import { createPool, sql } from 'offthread';

const pool = await createPool({ database: 'sqlite::memory:' });
const rows = await pool.run(sql`select 1 as id, 'a' as name union all select 2, 'b'`);
console.log(JSON.stringify(rows));
await pool.close();
