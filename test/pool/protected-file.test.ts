import { execFile } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Shop } from './shop.js';

/** Nobody, where the tests run as root: root may write whatever the permissions say. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Opens a pool in a process of a user who is bound by permissions. */
async function open(file: string): Promise<Record<string, unknown>> {
  const script = fileURLToPath(new URL('./open-elsewhere.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, file], { ...user, cwd: '/' });
  return JSON.parse(stdout);
}

/** A copy of the shop's database in a folder of that user. */
function give(shop: Shop): { folder: string; file: string } {
  shop.outside.pragma('wal_checkpoint(truncate)');
  const folder = shop.path('theirs');
  mkdirSync(folder);
  copyFileSync(shop.file, `${folder}/shop.db`);
  chmodSync(shop.path('.'), 0o755);
  if (isRoot) for (const path of [folder, `${folder}/shop.db`]) chownSync(path, NOBODY, NOBODY);
  return { folder, file: `${folder}/shop.db` };
}

const told = (file: string) =>
  `The database ${file} could not be opened: the file or its directory is write-protected, and SQLite needs both to write: check their permissions.`;

describe('a database of which the permissions', () => {
  it('allow everything opens, in a process of another user too', async () => {
    await using shop = new Shop();
    const { file, folder } = give(shop);
    expect(await open(file)).to.deep.equal({ opened: true, user: isRoot ? NOBODY : process.getuid?.() });
    expect(readdirSync(folder)).to.deep.equal(['shop.db']);
  });

  it('protect the file is an error that says so, and nothing is changed', async () => {
    await using shop = new Shop();
    const { file, folder } = give(shop);
    const before = readFileSync(file);
    chmodSync(file, 0o444);
    expect(await open(file)).to.include({ name: 'DatabaseError', kind: 'read-only', message: told(file) });
    expect(readFileSync(file).equals(before)).to.equal(true);
    expect(readdirSync(folder)).to.deep.equal(['shop.db']);
  });

  it('protect the directory, where the log has to be made, is an error that says so', async () => {
    await using shop = new Shop();
    const { file, folder } = give(shop);
    chmodSync(folder, 0o555);
    const error = await open(file);
    chmodSync(folder, 0o755);
    expect(error.name).to.equal('DatabaseError');
    expect(error.message).to.equal(told(file));
  });

  it('hide the file is an error that says so', async () => {
    await using shop = new Shop();
    const { file } = give(shop);
    chmodSync(file, 0o000);
    expect(await open(file)).to.include({
      name: 'DatabaseError',
      kind: 'cannot-open',
      message: `The database ${file} could not be opened: it is a directory, or may not be read or made by this user: check the path and its permissions.`,
    });
  });
});
