import { inspect } from 'node:util';
import { expect } from 'chai';
import { createPool, type PoolOptions } from 'offthread';
import { type MysqlLocation, parseMysql } from '../../lib/plan/mysql-location.js';
import { failureOf } from './failure.js';

const url = "'mysql://user:password@host:3306/name'";

/** What a location says, with the password that is not to be seen in it. */
const told = ({ password, ...rest }: MysqlLocation) => ({ ...rest, password: password() });

const tls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  passphrase: undefined,
  servername: 'host',
  verifyIdentity: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
};

describe('the URL of a MySQL server', () => {
  const plain = {
    dialect: 'mysql',
    user: '',
    password: '',
    database: undefined,
    connectTimeout: 10_000,
    tls: undefined,
  };
  for (const [text, expected] of [
    ['mysql://host', { address: { host: 'host', port: 3306 } }],
    [
      'mysql://me:secret@db.example:3307/shop',
      { address: { host: 'db.example', port: 3307 }, user: 'me', password: 'secret', database: 'shop' },
    ],
    ['mariadb://me@127.0.0.1/', { address: { host: '127.0.0.1', port: 3306 }, user: 'me' }],
    [
      'mysql://m%40e:p%3A%2F%3F%23%25%C3%BC@h%2Dost/sh%20op',
      { address: { host: 'h-ost', port: 3306 }, user: 'm@e', password: 'p:/?#%ü', database: 'sh op' },
    ],
    // As many write it: the last @ ends the password, which may have further colons.
    [
      'mysql://me:a@b:c@host/shop',
      { address: { host: 'host', port: 3306 }, user: 'me', password: 'a@b:c', database: 'shop' },
    ],
    ['mysql://me@[::1]:3307/shop', { address: { host: '::1', port: 3307 }, user: 'me', database: 'shop' }],
    [
      'mysql://me:x@localhost/shop?socketPath=%2Frun%2Fmy%20sql.sock',
      { address: { path: '/run/my sql.sock' }, user: 'me', password: 'x', database: 'shop' },
    ],
    [
      'mysql://me@/shop?socketPath=/run/mysql.sock',
      { address: { path: '/run/mysql.sock' }, user: 'me', database: 'shop' },
    ],
    ['mysql://host?connectTimeout=250', { address: { host: 'host', port: 3306 }, connectTimeout: 250 }],
    ['mysql://host/?ssl=true', { address: { host: 'host', port: 3306 }, tls }],
    ['mysql://host/?ssl=false&', { address: { host: 'host', port: 3306 } }],
  ] as const) {
    it(`${text} is understood`, () => {
      expect(told(parseMysql(text))).to.deep.equal({ ...plain, ...expected });
    });
  }

  it('is not shown with its password, nor is the password by any other way', () => {
    const location = parseMysql('mysql://me:secret@host/shop');
    expect(inspect(location, { depth: 9, showHidden: true })).to.not.include('secret');
    expect(JSON.stringify(location)).to.not.include('secret');
  });

  const spelled = 'where a character such as / ? # @ or % of a name or password is written as %2F and the like';
  for (const [text, message] of [
    ['mysql:', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql:secret', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql://me:se#cret@host/shop', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql://me:se/cret@host/shop', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql://me:12/secret@host', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql://me:secret@ho:st:3306/shop', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    ['mysql://me:secret@::1/shop', `database must be ${url}, ${spelled}, not 'mysql:…'.`],
    [
      'mysql://me:100%secret@host',
      `database must be ${url}, with the password percent-encoded rightly: a % itself is written as %25, not 'mysql:…'.`,
    ],
    ['mysql://me:se%00cret@host', `database must be ${url}, without a NUL character in the password, not 'mysql:…'.`],
    ['mysql://me:secret@/shop', `database must be ${url}, with a host or a socketPath, not 'mysql:…'.`],
    [
      'mysql://me:secret@[1.2.3.4]/shop',
      `database must be ${url}, with nothing but an IPv6 address in brackets, not 'mysql:…'.`,
    ],
    ['mysql://me:secret@host:0/shop', `database must be ${url}, with a port from 1 to 65535, not 'mysql:…'.`],
    ['mysql://me:secret@host:65536/shop', `database must be ${url}, with a port from 1 to 65535, not 'mysql:…'.`],
    [
      'mysql://me:secret@host/?socketPath=/x',
      `database must be ${url} with no host but localhost and no port where there is a socketPath, not 'mysql:…'.`,
    ],
    [
      'mysql://me:secret@localhost/?socketPath=x',
      `database must be ${url}, with an absolute path as socketPath, not 'mysql:…'.`,
    ],
    [
      'mysql://me:secret@host?charset=latin1',
      "database must be a URL with no other parameters than socketPath, connectTimeout, ssl, not 'the parameter 'charset''.",
    ],
    [
      'mysql://host?b:secret=x',
      "database must be a URL with no other parameters than socketPath, connectTimeout, ssl, not 'the parameter '…''.",
    ],
    [
      'mysql://host?ssl=true&ssl=false',
      "database must be a URL with each parameter once, not 'the parameter 'ssl' twice'.",
    ],
    [
      'mysql://host?ssl=1',
      "ssl must be true or false in the URL; a CA and the like are given in the option mysql's ssl, not '1'.",
    ],
    [
      'mysql://host?connectTimeout=soon',
      'mysql.connectTimeout must be more than 0 milliseconds, or Infinity for no limit, not NaN.',
    ],
  ] as const) {
    it(`${text} is refused without its password`, async () => {
      const error = await failureOf(createPool({ database: text }));
      expect(error.message).to.equal(message);
      expect(error).to.be.instanceOf(RangeError).and.have.property('code', 'OFFTHREAD_OPTION');
      expect(inspect(error)).to.not.include('secret');
    });
  }
});

describe('an option of MySQL', () => {
  const server = 'mysql://me@host/shop';
  for (const [options, message] of [
    [{ sqlite: {} }, 'sqlite must be left out where database is a MySQL server, not an object (Object).'],
    [
      { database: 'sqlite:x.db', mysql: {} },
      'mysql must be left out where database is sqlite:PATH, not an object (Object).',
    ],
    [
      { database: 'sqlite:x.db', replicas: [server] },
      'replicas must be left out where database is sqlite:PATH, not an array of 1.',
    ],
    [
      { replicas: server },
      "replicas must be an array of URLs such as 'mysql://user:password@host:3306/name', not 'string'.",
    ],
    [
      { replicas: ['mysql://me:secret@ho st:x'] },
      `replicas must be ${url}, where a character such as / ? # @ or % of a name or password is written as %2F and the like, not 'mysql:…'.`,
    ],
    [{ mysql: server }, "mysql must be an object of options (password, ssl, connectTimeout), not 'a text'."],
    [{ mysql: { passwort: 'secret' } }, "mysql has no option 'passwort'. Did you mean 'password'?"],
    [{ mysql: { password: 7 } }, "mysql.password must be a string, or a function that answers with one, not 'number'."],
    [
      { database: 'mysql://me:secret@host', mysql: { password: 'secret' } },
      "mysql.password must be left out where the URL has one, not 'a second password'.",
    ],
    [
      { database: 'mysql://host?ssl=true', mysql: { ssl: {} } },
      'mysql.ssl must be left out where the URL has ssl, not an object (Object).',
    ],
    [
      { mysql: { host: 'x' } },
      "mysql has no option 'host'. It belongs in the URL: mysql://user:password@host:3306/name?socketPath=…",
    ],
    [{ mysql: { connectionLimit: 9 } }, "mysql has no option 'connectionLimit'. It is the pool's option threads."],
    [{ mysql: { multipleStatements: true } }, "mysql has no option 'multipleStatements'. It is off, for good."],
    [
      { mysql: { dateStrings: true } },
      "mysql has no option 'dateStrings'. Values are always exact: see the types of columns in the documentation.",
    ],
    [{ threads: 65 }, 'threads must be at most 64, not 65.'],
  ] as const) {
    it(`that is not right is told: ${message.split('. ')[0]}`, async () => {
      const error = await failureOf(createPool({ database: server, ...options } as unknown as PoolOptions));
      expect(error.message).to.equal(message);
      expect(error).to.have.property('code', 'OFFTHREAD_OPTION');
      expect(inspect(error)).to.not.include('secret');
    });
  }

  it('password is asked for each location as it is, be it a promise or not', async () => {
    let asked = 0;
    const { password } = parseMysql(server, { password: () => `token ${++asked}` });
    expect([password(), password()]).to.deep.equal(['token 1', 'token 2']);
    const later = parseMysql(server, { password: () => Promise.resolve('token') });
    expect(await later.password()).to.equal('token');
    expect(parseMysql(server, { password: 'a%20b' }).password()).to.equal('a%20b');
  });

  it('password that answers with anything but a string is told, and not shown', async () => {
    const { password } = parseMysql(server, { password: (() => ({ secret: 'secret' })) as never });
    const error = await failureOf(password as () => unknown);
    expect(error.message).to.equal("The answer of mysql.password must be a string, not 'object'.");
  });
});
