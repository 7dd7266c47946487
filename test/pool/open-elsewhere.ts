import { createPool, type DatabaseError } from 'offthread';

// A process of its own, as another user where the tests run as one whom no permission stops: prints what came of it.
try {
  const pool = await createPool({ database: `sqlite:${process.argv[2]}`, threads: 1 });
  await pool.close();
  console.log(JSON.stringify({ opened: true, user: process.getuid?.() }));
} catch (error) {
  const { name, code, kind, message } = error as DatabaseError;
  console.log(JSON.stringify({ name, code, kind, message, user: process.getuid?.() }));
}
