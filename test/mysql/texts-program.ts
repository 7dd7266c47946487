// A program of its own, for a Node that is started otherwise: node texts-program.js URL SQL
import { createPool, sql } from 'offthread';

const [database = '', text = ''] = process.argv.slice(2);
await using pool = await createPool({ database, threads: 1 });
console.log(JSON.stringify(await pool.run(sql.raw(text))));
