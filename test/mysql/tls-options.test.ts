import { expect } from 'chai';
import { readTls } from '../../lib/plan/tls.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
const read = (given: unknown) => readTls('mysql.ssl', given, 'db.example');

describe('the option mysql.ssl', () => {
  it('is none, or safe as it stands', () => {
    expect(read(undefined)).to.equal(undefined);
    expect(read(false)).to.equal(undefined);
    expect(read(true)).to.deep.equal(read({}));
    expect(read(true)).to.include({
      servername: 'db.example',
      verifyIdentity: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    });
  });

  it('takes texts and buffers, of one authority or several', () => {
    expect(read({ ca: PEM })?.ca).to.deep.equal([PEM]);
    expect(read({ ca: [PEM, Buffer.from(PEM)] })?.ca).to.deep.equal([PEM, PEM]);
  });

  const refusals: [unknown, string][] = [
    ['Amazon RDS', 'mysql.ssl must be true, false or an object of options (ca, cert,'],
    [{ ca: './ca.pem' }, "mysql.ssl.ca must be a PEM text ('-----BEGIN …'), not the path of a file"],
    [{ ca: [PEM, 7] }, 'mysql.ssl.ca[1] must be a PEM text'],
    [{ cert: PEM }, 'mysql.ssl.key must be given where the other of the two is, not undefined.'],
    [{ minVersion: 'TLSv1' }, "mysql.ssl.minVersion must be one of TLSv1.2, TLSv1.3, not 'TLSv1'."],
    [{ rejectUnauthorized: 'no' }, "mysql.ssl.rejectUnauthorized must be true or false, not 'no'."],
    [{ rejectUnauthorised: false }, "mysql.ssl has no option 'rejectUnauthorised'. Did you mean 'rejectUnauthorized'?"],
    [{ servername: '' }, 'mysql.ssl.servername must be a text'],
  ];
  for (const [given, message] of refusals)
    it(`refuses ${JSON.stringify(given)?.slice(0, 60)}`, () => {
      expect(() => read(given)).to.throw(message);
    });

  it('shows no key and no passphrase', () => {
    expect(() => read({ cert: PEM, key: 'hidden' }))
      .to.throw('not a text of 6 letters')
      .and.not.match(/hidden/);
  });
});
