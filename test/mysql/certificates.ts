import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts of a certificate and its key, and where they are. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** An authority of one's own, and what it vouches for. */
export interface Authority extends Certificate {
  issue(name: string, options?: { readonly isExpired?: boolean }): Certificate;
}

const folder = mkdtempSync(join(tmpdir(), 'offthread-certificates-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Runs the program `openssl`, which makes what Node only reads. */
function openssl(...args: string[]): void {
  const { error, status, stderr } = spawnSync('openssl', args);
  if (error !== undefined)
    throw new Error('The tests of TLS need the program openssl: apt-get install openssl.', { cause: error });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed:\n${stderr}`);
}

export function makeAuthority(name: string): Authority {
  const at = join(folder, String(++files));
  const [keyPath, certPath] = [`${at}.key`, `${at}.pem`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', keyPath, '-out', certPath, '-days', '2', '-subj', `/CN=${name}`);
  const issue: Authority['issue'] = (subject, { isExpired = false } = {}) => {
    const own = join(folder, String(++files));
    openssl('req', ...key, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${subject}`);
    writeFileSync(`${own}.names`, `subjectAltName=${/^[\d.]+$/.test(subject) ? 'IP' : 'DNS'}:${subject}\n`);
    const authority = ['-CA', certPath, '-CAkey', keyPath, '-CAcreateserial'];
    const paths = ['-in', `${own}.csr`, '-out', `${own}.pem`, '-extfile', `${own}.names`];
    openssl('x509', '-req', ...paths, ...authority, '-days', isExpired ? '-1' : '2');
    return read(`${own}.pem`, `${own}.key`);
  };
  return { ...read(certPath, keyPath), issue };
}

const read = (certPath: string, keyPath: string): Certificate => ({
  cert: readFileSync(certPath, 'latin1'),
  key: readFileSync(keyPath, 'latin1'),
  certPath,
  keyPath,
});
