import { createPool, type Pool } from 'offthread';
import pino from 'pino';
import type * as units from './units.js';

export const openLibrary = (database: string, stream: pino.DestinationStream): Promise<Pool<typeof units>> =>
  createPool<typeof units>({
    database,
    units: new URL('./units.js', import.meta.url),
    logger: pino({ level: 'debug' }, stream), // `console` will do
    slowCall: 200, // what runs for longer is a warning
  });
