// The tokens that open the door: the two of the environment, and the one-time token of the login link.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../contract/call.ts';

/** Of equal length whatever the token is, so that a comparison tells nothing by its time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A token that a person made up. */
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
  /** The one-time token was used: another one is needed. */
  readonly onLoginUsed: () => void;
}

export class Tokens {
  readonly #operator: Buffer | undefined;
  readonly #viewer: Buffer | undefined;
  readonly #onLoginUsed: () => void;
  #login: Buffer | undefined;

  constructor(options: TokenOptions) {
    // An empty variable is a variable that is not set.
    this.#operator = options.operatorToken ? digest(options.operatorToken) : undefined;
    this.#viewer = options.viewerToken ? digest(options.viewerToken) : undefined;
    this.#login = digest(options.loginToken);
    this.#onLoginUsed = options.onLoginUsed;
  }

  renewLogin(token: string): void {
    this.#login = digest(token);
  }

  /** The role of a lasting token, as API clients send it. */
  roleOf(token: string): Role | undefined {
    const given = digest(token);
    if (isSame(this.#operator, given)) return 'operator';
    return isSame(this.#viewer, given) ? 'viewer' : undefined;
  }

  /** The role of any token; the one-time token is used up by this. */
  login(token: string): Role | undefined {
    if (!isSame(this.#login, digest(token))) return this.roleOf(token);
    this.#login = undefined;
    this.#onLoginUsed();
    return 'operator';
  }
}
