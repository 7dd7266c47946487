import { openGuestBook } from '../servers/guest-book.js';
import { serveUntilSignal } from '../servers/until-signal.js';
import { makeApp } from './handlers.js';

// node dist/examples/tornado/main.js guests.db
const pool = await openGuestBook(process.argv[2] ?? 'guests.db');
serveUntilSignal(makeApp(pool).listen(Number(process.env.PORT ?? 8888)), pool);
