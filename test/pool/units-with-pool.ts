import { createPool } from 'offthread';

export const pool = await createPool({ database: 'sqlite::memory:' });
