import { expect } from 'chai';
import { type MysqlConnection, openMysql } from '../../lib/connection/mysql/mysql.js';
import { DatabaseError, LoginError } from '../../lib/errors.js';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.js';
import { sharedServer } from './server.js';

describe('logging in to MySQL', function () {
  this.timeout(60_000);
  let server: ScriptedServer | undefined;
  let connection: MysqlConnection | undefined;
  afterEach(async () => {
    connection?.close();
    connection = undefined;
    await server?.close();
  });

  const PASSWORD = 'a pässword\'s "secret"';
  const logIn = async (script: Script, password = PASSWORD, connectTimeout = 5_000) => {
    const { port, user, password: theirs } = await sharedServer();
    const behind = { port, user, password: theirs };
    server = await startScriptedServer({ password: PASSWORD, behind, ...script });
    connection = openMysql({
      address: { host: '127.0.0.1', port: server.port },
      user: 'ada',
      password,
      database: undefined,
      connectTimeout,
      maxRows: 10,
      access: 'write',
    });
    expect(connection.prepare('select ? + 1').all([6])).to.deep.equal([[7]]);
    return server;
  };
  const failing = (script: Script, password?: string, connectTimeout?: number): Promise<DatabaseError> =>
    logIn(script, password, connectTimeout).then(
      () => expect.fail('logged in'),
      (error) => error,
    );
  const log = () => (server as ScriptedServer).log();

  it('by mysql_native_password, at once', async () => {
    await logIn({ method: 'mysql_native_password' });
    expect(await log()).to.deep.equal(['logged in by mysql_native_password', 'let in']);
  });

  it('by mysql_native_password, after a greeting of another', async () => {
    await logIn({ method: 'client_ed25519', switchTo: 'mysql_native_password' });
    expect(await log())
      .to.include('switched to mysql_native_password')
      .and.include('let in');
  });

  it('by caching_sha2_password where the server remembers the password', async () => {
    await logIn({ method: 'caching_sha2_password' });
    expect(await log())
      .to.include('switched to caching_sha2_password')
      .and.include('let in');
  });

  it('by caching_sha2_password where it does not: encrypted with the RSA key of the server', async () => {
    const { readable } = await logIn({ method: 'caching_sha2_password', isCached: false });
    expect((await log()).slice(-2)).to.deep.equal(['asked for the key', 'let in']);
    expect(await readable()).not.to.include(PASSWORD.slice(-8));
  });

  it('by caching_sha2_password after a greeting of another', async () => {
    await logIn({ switchTo: 'caching_sha2_password', isCached: false });
    expect((await log()).slice(-3)).to.deep.equal(['switched to caching_sha2_password', 'asked for the key', 'let in']);
  });

  it('by sha256_password, encrypted as well', async () => {
    const { readable } = await logIn({ method: 'sha256_password' });
    expect((await log()).slice(-2)).to.deep.equal(['asked for the key', 'let in']);
    expect(await readable()).not.to.include(PASSWORD.slice(-8));
  });

  for (const method of ['mysql_native_password', 'caching_sha2_password', 'sha256_password'])
    it(`is refused with a wrong password (${method})`, async () => {
      const error = await failing({ method, isCached: false }, 'another');
      expect(error).to.be.instanceOf(DatabaseError);
      expect(error).to.include({ kind: 'access-denied', errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' });
      expect(JSON.stringify([error.message, error, error.cause])).not.to.include('another');
    });

  it('never sends the password in plain text, whatever the server asks for', async () => {
    for (const script of [{ method: 'mysql_clear_password' }, { switchTo: 'mysql_clear_password' }]) {
      const error = await failing(script);
      expect(error).to.be.instanceOf(LoginError);
      expect(error.message).to.match(
        /^The user 'ada' cannot log in to 127\.0\.0\.1:\d+: the server wants the password in plain text/,
      );
      expect(await server?.readable()).not.to.include(PASSWORD.slice(-8));
      await server?.close();
    }
  });

  it('names the method that is not known here, and those that are', async () => {
    const error = await failing({ switchTo: 'client_ed25519' });
    expect(error).to.be.instanceOf(LoginError);
    expect(error.message).to.include("asks for the method 'client_ed25519', which is not known here");
    expect(error.message).to.include('mysql_native_password, caching_sha2_password, sha256_password');
    // Instead of the driver's own sentence, which ends in a note to itself.
    expect(error.message).not.to.include('TODO');
  });

  for (const rsaKey of ['empty', 'refused'] as const)
    it(`says that the server has no RSA key (${rsaKey})`, async () => {
      const error = await failing({ method: 'caching_sha2_password', isCached: false, rsaKey });
      expect(error).to.be.instanceOf(LoginError);
      expect(error.message).to.include('sent no RSA key to encrypt the password with. Connect over TLS');
    });

  it('gives a server that asks for one no file', async () => {
    const error = await failing({ file: import.meta.filename });
    expect(error).to.include({ kind: 'connection' });
    expect(error.message).to.include('asked for a file of this machine');
    // Who logs in, and what was asked; the file is longer.
    expect((await server?.readable())?.length).to.be.within(100, 1_000);
  });

  it('takes its time with a slow server, bit by bit', async () => {
    await logIn({ method: 'caching_sha2_password', isCached: false, pause: 1 });
    expect(await log()).to.include('let in');
  });

  for (const silentFrom of ['greeting', 'login'] as const)
    it(`is bounded where the server falls silent (${silentFrom})`, async () => {
      const error = await failing({ silentFrom }, undefined, 300);
      expect(error).to.include({ kind: 'connection', code: 'ETIMEDOUT' });
      expect(error.message).to.include('longer than connectTimeout = 300 ms');
    });

  it('is bounded also where the server always says a bit more', async () => {
    expect(await failing({ pause: 40 }, undefined, 300)).to.include({ code: 'ETIMEDOUT' });
  });
});
