import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate for this machine, signed by itself, and what a Redis needs to show it. */
export interface TlsFiles {
  /** What a client is to trust. */
  readonly ca: string
  /** Settings of redis.conf, without a port. */
  readonly settings: Readonly<Record<string, string>>
  remove(): void
}

/** Makes a certificate that is good for a day. */
export function tlsFiles(): TlsFiles {
  const directory = mkdtempSync(join(tmpdir(), 'chaperone-tls-'))
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-batch']
  const named = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const args = [...request, ...named, '-keyout', key, '-out', cert]
  execFileSync('openssl', args, { stdio: 'pipe' })
  return {
    ca: readFileSync(cert, 'utf8'),
    settings: {
      'tls-cert-file': cert,
      'tls-key-file': key,
      'tls-ca-cert-file': cert,
      'tls-auth-clients': 'no'
    },
    remove: () => rmSync(directory, { recursive: true })
  }
}
