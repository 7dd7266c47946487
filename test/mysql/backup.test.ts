import { expect } from 'chai';
import { MysqlStage } from '../lanes/mysql-stage.js';
import { failureOf } from '../pool/failure.js';

describe('pool.backup on MySQL', () => {
  it('says who makes backups there', async () => {
    const stage = await MysqlStage.make();
    try {
      const pool = await stage.open();
      const error = await failureOf(pool.backup('/tmp/copy.sql'));
      expect(error).to.include({ name: 'NotSupportedError', code: 'OFFTHREAD_NOT_SUPPORTED' });
      expect(error.message).to.equal(
        'pool.backup() of a MySQL database is not supported. ' +
          'Use mariadb-dump --single-transaction, or mysqldump --single-transaction.',
      );
    } finally {
      await stage.remove();
    }
  });
});
