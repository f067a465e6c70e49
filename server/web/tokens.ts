// The valid tokens: two from the environment, and the one-time token of the login link.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../contract/call.ts';

/** Has the same length for all tokens, so that comparing takes the same time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether a token is as short as one that a person invents. */
export function canBeGuessed(token: string): boolean {
  return token.length < 16;
}

function isSame(wanted: Buffer | undefined, given: Buffer): boolean {
  return wanted !== undefined && timingSafeEqual(wanted, given);
}

export interface TokenOptions {
  readonly operatorToken?: string | undefined;
  readonly viewerToken?: string | undefined;
  readonly loginToken: string;
  /** The one-time token was used: a new one is needed. */
  readonly onLoginUsed: () => void;
}

export class Tokens {
  readonly #operator: Buffer | undefined;
  readonly #viewer: Buffer | undefined;
  readonly #onLoginUsed: () => void;
  #login: Buffer | undefined;

  constructor(options: TokenOptions) {
    // An empty variable counts as not set.
    this.#operator = options.operatorToken ? digest(options.operatorToken) : undefined;
    this.#viewer = options.viewerToken ? digest(options.viewerToken) : undefined;
    this.#login = digest(options.loginToken);
    this.#onLoginUsed = options.onLoginUsed;
  }

  renewLogin(token: string): void {
    this.#login = digest(token);
  }

  /** The role of a permanent token, as API clients send it. */
  roleOf(token: string): Role | undefined {
    const given = digest(token);
    if (isSame(this.#operator, given)) return 'operator';
    return isSame(this.#viewer, given) ? 'viewer' : undefined;
  }

  /** The role of any token; uses up the one-time token. */
  login(token: string): Role | undefined {
    if (!isSame(this.#login, digest(token))) return this.roleOf(token);
    this.#login = undefined;
    this.#onLoginUsed();
    return 'operator';
  }
}
