import { expect } from 'chai';
import type { Kysely } from 'kysely';
import { CallError, DatabaseError } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { heldLanes, noneHeld, onEach, type Tables } from './shelf.js';

onEach('db.startTransaction()', (shelf) => {
  const add = (db: Kysely<Tables>, title: string) => db.insertInto('book').values({ title }).execute();
  const start = () => shelf().db.startTransaction().execute();

  afterEach(() => noneHeld(shelf().pool));

  it('commits', async () => {
    const trx = await start();
    await add(trx, 'Emma');
    expect(heldLanes(shelf().pool)).to.equal(1);
    expect([trx.isCommitted, trx.isRolledBack]).to.deep.equal([false, false]);
    await trx.commit().execute();
    expect([trx.isCommitted, trx.isRolledBack]).to.deep.equal([true, false]);
    expect(await shelf().titles()).to.deep.equal(['Emma']);
    expect((await failureOf(() => add(trx, 'late'))).message).to.equal('Transaction is already committed');
  });

  it('rolls back', async () => {
    const trx = await start();
    await add(trx, 'Emma');
    await trx.rollback().execute();
    expect([trx.isCommitted, trx.isRolledBack]).to.deep.equal([false, true]);
    expect(await shelf().titles()).to.deep.equal([]);
    expect((await failureOf(() => add(trx, 'late'))).message).to.equal('Transaction is already rolled back');
  });

  it('takes settings', async () => {
    const trx = await shelf()
      .db.startTransaction()
      .setAccessMode('read only')
      .setIsolationLevel('repeatable read')
      .execute();
    expect(await failureOf(add(trx, 'Emma'))).to.include({ name: 'ReadOnlyError' });
    await trx.rollback().execute();
  });

  it('goes back to a savepoint, as often as it is asked to', async () => {
    const trx = await start();
    await add(trx, 'Emma');
    const within = await trx.savepoint('after_emma').execute();
    await add(within, 'Persuasion');
    await within.rollbackToSavepoint('after_emma').execute();
    await add(within, 'Sanditon');
    await within.rollbackToSavepoint('after_emma').execute();
    await add(within, 'Mansfield Park');
    const behind = await within.releaseSavepoint('after_emma').execute();
    await add(behind, 'Lady Susan');
    await behind.commit().execute();
    expect(await shelf().titles()).to.deep.equal(['Emma', 'Mansfield Park', 'Lady Susan']);
  });

  it('goes on behind a statement that failed in a savepoint', async () => {
    const trx = await start();
    await add(trx, 'Emma');
    const within = await trx.savepoint('s').execute();
    expect(await failureOf(add(within, 'Emma')))
      .to.be.instanceOf(DatabaseError)
      .and.include({ kind: 'unique' });
    await within.rollbackToSavepoint('s').execute();
    await trx.commit().execute();
    expect(await shelf().titles()).to.deep.equal(['Emma']);
  });

  it('ends with a savepoint those within it', async () => {
    const trx = await start();
    const one = await trx.savepoint('one').execute();
    await add(one, 'a');
    const two = await one.savepoint('two').execute();
    await add(two, 'b');
    await two.rollbackToSavepoint('one').execute();
    const error = await failureOf(two.rollbackToSavepoint('two').execute());
    expect(error).to.be.instanceOf(CallError);
    expect(error.message).to.equal(
      "rollbackToSavepoint('two'): there is no savepoint of this name in the transaction. There are: 'one'.",
    );
    await add(trx, 'c');
    const three = await one.savepoint('three').execute();
    await add(three, 'd');
    await three.releaseSavepoint('one').execute();
    expect((await failureOf(three.releaseSavepoint('three').execute())).message).to.equal(
      "releaseSavepoint('three'): there is no savepoint of this name in the transaction. Make it first, with savepoint(name).",
    );
    await trx.commit().execute();
    expect(await shelf().titles()).to.deep.equal(['c', 'd']);
  });

  it('takes a name again: the innermost is meant', async () => {
    const trx = await start();
    await trx.savepoint('same').execute();
    await add(trx, 'a');
    const inner = await trx.savepoint('same').execute();
    await add(trx, 'b');
    await inner.rollbackToSavepoint('same').execute();
    await inner.releaseSavepoint('same').execute();
    await add(trx, 'c');
    expect(await trx.selectFrom('book').select('title').orderBy('id').execute()).to.deep.equal([
      { title: 'a' },
      { title: 'c' },
    ]);
    await inner.rollbackToSavepoint('same').execute();
    await trx.commit().execute();
    expect(await shelf().titles()).to.deep.equal([]);
  });

  it('takes any name, and nothing of it is SQL', async () => {
    const trx = await start();
    for (const name of ['"; drop table book; --', '`', "it's", '', 'select', 'ä☃']) {
      const within = await trx.savepoint(name).execute();
      await add(within, `a${name}`);
      await within.rollbackToSavepoint(name).execute();
      await add(within, name);
      await within.releaseSavepoint(name).execute();
    }
    await trx.commit().execute();
    expect(await shelf().titles()).to.deep.equal(['"; drop table book; --', '`', "it's", '', 'select', 'ä☃']);
  });

  it('commits, and rolls back, with savepoints that are still open', async () => {
    const kept = await start();
    await add(await kept.savepoint('one').execute(), 'a');
    await add(await kept.savepoint('two').execute(), 'b');
    await kept.commit().execute();
    expect(await shelf().titles()).to.deep.equal(['a', 'b']);
    const undone = await start();
    await add(await undone.savepoint('one').execute(), 'c');
    await add(await undone.savepoint('two').execute(), 'd');
    await undone.rollback().execute();
    expect(await shelf().titles()).to.deep.equal(['a', 'b']);
  });
});
