import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type MysqlConnection, openMysql } from '../../lib/connection/mysql/mysql.js';
import { tlsSockets } from '../../lib/connection/mysql/tls-socket.js';
import { TlsError } from '../../lib/errors.js';
import { readTls, type TlsOptions, type TlsSettings } from '../../lib/plan/tls.js';
import { relayStreams } from '../../workers/relay-stream.js';
import { makeAuthority } from './certificates.js';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.js';
import { type OwnServer, sharedServer, startServer } from './server.js';

const PASSWORD = 'a secret of ada';

for (const kind of ['socket', 'relay'] as const)
  describe(`TLS to MySQL by a ${kind}`, function () {
    this.timeout(60_000);
    const streams = { socket: tlsSockets, relay: relayStreams }[kind];
    const authority = makeAuthority('an authority');
    const certificate = authority.issue('db.example');
    const ca = authority.cert;
    let server: ScriptedServer | undefined;
    let connection: MysqlConnection | undefined;
    afterEach(async () => {
      connection?.close();
      connection = undefined;
      await server?.close();
    });

    const connect = (port: number, user: string, password: string, options: TlsOptions) => {
      const tls = readTls('mysql.ssl', { servername: 'db.example', ...options }, '127.0.0.1') as TlsSettings;
      const address = { host: '127.0.0.1', port };
      const bounds = { connectTimeout: 2_000, maxRows: 100, access: 'write' } as const;
      connection = openMysql({
        address,
        user,
        password,
        database: undefined,
        tls,
        stream: streams(tls),
        ...bounds,
      });
      return connection;
    };
    const logIn = async (script: Script, options: TlsOptions = { ca }, password = PASSWORD) => {
      const { port, user, password: theirs } = await sharedServer();
      const behind = { port, user, password: theirs };
      server = await startScriptedServer({ password: PASSWORD, behind, tls: certificate, ...script });
      return connect(server.port, 'ada_lovelace', password, options);
    };
    const failing = async (script: Script, options?: TlsOptions, password?: string): Promise<Error> => {
      const error = await logIn(script, options, password).then(
        () => expect.fail('logged in'),
        (error) => error,
      );
      // Nothing but the wish to encrypt has gone out, and what Node's TLS says.
      expect(await server?.readable()).not.to.include('ada_lovelace');
      return error;
    };
    const refused = async (options: TlsOptions, script: Script = {}) => {
      const error = await failing(script, options);
      expect(error).to.be.instanceOf(TlsError);
      expect(error.message).to.match(/^The connection to 127\.0\.0\.1:\d+ could not be encrypted: /);
      return error.message;
    };

    it('encrypts everything, names, passwords, statements and rows', async () => {
      const connection = await logIn({ method: 'caching_sha2_password', isCached: false });
      expect(connection.streamKind).to.equal(kind);
      expect(connection.prepare("select concat('a ', ?)").all(['row of it'])).to.deep.equal([['a row of it']]);
      expect(await server?.log())
        .to.include('asked for TLS')
        .and.include('let in')
        .and.not.include('asked for the key');
      expect(await server?.readable()).not.to.match(/ada_lovelace|secret|concat|row of it/);
    });

    for (const method of ['mysql_native_password', 'caching_sha2_password', 'sha256_password'])
      it(`lets in and refuses by ${method}`, async () => {
        await logIn({ method, isCached: false });
        expect(await server?.log()).to.include('let in');
        connection?.close();
        await server?.close();
        expect(await failing({ method, isCached: false }, { ca }, 'no secret')).to.include({ kind: 'access-denied' });
      });

    it('encrypts to a real server as well, and the server sees the authority of the client', async () => {
      const client = authority.issue('ada');
      const own: OwnServer = await startServer(
        `--ssl-ca=${authority.certPath}`,
        `--ssl-cert=${certificate.certPath}`,
        `--ssl-key=${certificate.keyPath}`,
      );
      try {
        const admin = await own.connect();
        await admin.query("create user ada identified by 'x' require subject '/CN=ada'");
        await admin.end();
        const { cert, key } = client;
        connect(own.port, 'ada', 'x', { ca, cert, key, minVersion: 'TLSv1.3' });
        const version = connection?.prepare("show session status like 'ssl_version'").all([]);
        expect(version).to.deep.equal([['Ssl_version', 'TLSv1.3']]);
        expect(connection?.isFit()).to.equal(true);
        expect(() => connect(own.port, 'ada', 'x', { ca })).to.throw('Access denied');
      } finally {
        connection?.close();
        await own.stop();
      }
    });

    it('carries more than fits anywhere, both ways', async () => {
      const connection = await logIn({});
      const bytes = Buffer.alloc(7 << 20, 'byte by byte ');
      const [row] = connection.prepare('select cast(? as binary), sha2(?, 256)').all([bytes, bytes]);
      expect(bytes.equals(row?.[0] as Buffer)).to.equal(true);
      expect(row?.[1]).to.equal(createHash('sha256').update(bytes).digest('hex'));
    });

    it('names a server for which nobody that is trusted vouches', async () => {
      const why = 'nobody that is trusted vouches for its certificate';
      const wayOut = "Pass the certificate of the server's authority as mysql.ssl.ca.";
      expect(await refused({}))
        .to.include(why)
        .and.include(wayOut);
      await server?.close();
      expect(await refused({ ca: makeAuthority('an authority').cert })).to.include(why);
    });

    it('names a server of another name, which verifyIdentity: false takes', async () => {
      const message = await refused({ ca, servername: 'other.example' });
      expect(message).to.include('its certificate is of another name').and.include('other.example');
      expect(message).to.include('mysql.ssl.servername').and.include('mysql.ssl.verifyIdentity');
      await server?.close();
      await logIn({}, { ca, servername: 'other.example', verifyIdentity: false });
    });

    it('holds an address against the certificate', async () => {
      expect(await refused({ ca, servername: '127.0.0.1' })).to.include('of another name');
      await server?.close();
      await logIn({ tls: authority.issue('127.0.0.1') }, { ca, servername: '127.0.0.1' });
    });

    it('names a certificate that has expired', async () => {
      const tls = authority.issue('db.example', { isExpired: true });
      expect(await refused({ ca }, { tls })).to.include('not valid now (CERT_HAS_EXPIRED)');
    });

    it('takes anybody where rejectUnauthorized is false', async () => {
      await logIn({}, { rejectUnauthorized: false, servername: 'other.example' });
      expect(await server?.log()).to.include('asked for TLS');
    });

    it('refuses a version below minVersion', async () => {
      const tls = { ...certificate, maxVersion: 'TLSv1.2' } as const;
      expect(await refused({ ca, minVersion: 'TLSv1.3' }, { tls })).to.include('no version of TLS in common');
      await server?.close();
      await logIn({ tls }, { ca });
    });

    it('sends nothing in plain text to a server that offers no TLS', async () => {
      const { port, user, password } = await sharedServer();
      server = await startScriptedServer({ password: PASSWORD, behind: { port, user, password } });
      const { port: plain } = server;
      expect(() => connect(plain, 'ada', PASSWORD, { ca })).to.throw(TlsError, 'the server offers no TLS');
      expect(await server.readable()).to.equal('');
    });

    it('reads nothing that was sent in plain text behind the greeting', async () => {
      const injected = Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
      expect(await refused({ ca }, { injected })).to.include('sent in plain text before the encryption');
    });

    it('is bounded by connectTimeout as well', async () => {
      expect(await failing({ silentFrom: 'tls' })).to.include({ kind: 'connection', code: 'ETIMEDOUT' });
    });

    it('says what is wrong with a key', async () => {
      const { cert } = certificate;
      const key = '-----BEGIN PRIVATE KEY-----\nno key\n-----END PRIVATE KEY-----\n';
      expect(await refused({ ca, cert, key })).not.to.include('no key');
    });
  });
