// The keys of a run: for the link, the one-time login token, and the session key, which survives restarts.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './start-error.ts';

const KEY_BYTES = 32;
/** 144 bits, and no padding in base64url. */
const TOKEN_BYTES = 18;
const SESSION_KEY_FILE = 'session.key';

export function newKey(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}

/** For the login link: short, and in characters that need no escape in a URL. */
export function newLoginToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Reads the session key, or creates it; a file without a whole key (after a full disk) is replaced. */
export function sessionKey(stateDir: string): string {
  const file = join(stateDir, SESSION_KEY_FILE);
  try {
    const key = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(key)) return key;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const key = newKey();
  const fd = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fd, `${key}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
  return key;
}
