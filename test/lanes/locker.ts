// A process of its own that holds the write lock of a database for as long as it is told to.
import Database from 'better-sqlite3';

const connection = new Database(process.argv[2]);
process.on('message', (command: 'lock' | 'release') => {
  if (connection.inTransaction !== (command === 'lock'))
    connection.exec(command === 'lock' ? 'begin immediate' : 'rollback');
  process.send?.(command);
});
process.on('disconnect', () => connection.close());
process.send?.('ready');
