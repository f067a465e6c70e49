// The TLS certificate, its key and its names, read while still root.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { StartFault } from './start-fault.ts';

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** @param name as in a Host header: an IPv6 address in brackets */
  isFor(name: string): boolean;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new StartFault(`The TLS ${what} ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}): check its path.`, { cause });
  }
}

/** @throws StartFault if one cannot be read or they do not match */
export function readCertificate(files: { certFile: string; keyFile: string }): Certificate {
  const cert = read(files.certFile, 'certificate');
  const key = read(files.keyFile, 'key');
  let parsed: X509Certificate;
  try {
    createSecureContext({ cert, key });
    parsed = new X509Certificate(cert);
  } catch (cause) {
    throw new StartFault(`${files.certFile} and ${files.keyFile} are not a TLS certificate and its key.`, { cause });
  }
  return {
    cert,
    key,
    isFor(name) {
      const plain = name.replace(/^\[|\]$/g, '');
      return (isIP(plain) ? parsed.checkIP(plain) : parsed.checkHost(plain)) !== undefined;
    },
  };
}
