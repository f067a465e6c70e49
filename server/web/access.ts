// Identifies the user of a request, by token or browser session, and its address.
import type { IncomingMessage } from 'node:http';
import type { Role } from '../contract/call.ts';
import { ProblemError } from '../contract/problems.ts';
import { FailureLimit } from './failure-limit.ts';
import type { Guard } from './guard.ts';
import { browserName, type Sessions } from './sessions.ts';
import { canBeGuessed, type Tokens } from './tokens.ts';

export interface Actor {
  readonly role: Role;
  /** The name in the event log, such as "operator (browser 3f2a)". */
  readonly name: string;
  /** Only of browsers: the session, and when it expires. */
  readonly session?: { readonly id: string; readonly expiresMs: number };
}

export interface AccessOptions {
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly behindProxy: boolean;
}

/** A person needs few attempts. */
const LOGIN_BUDGET = { perAddress: 5, together: 100 };
/** A script with an old token must not lock out its neighbours at once, and a word list must not succeed. */
const BEARER_BUDGET = { perAddress: 100, together: 10_000 };

export class Access {
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly #options: AccessOptions;
  readonly #logins = new FailureLimit(LOGIN_BUDGET);
  readonly #bearers = new FailureLimit(BEARER_BUDGET);

  constructor(options: AccessOptions) {
    this.#options = options;
    this.sessions = options.sessions;
    this.guard = options.guard;
  }

  /**
   * @returns undefined without a login
   * @throws ProblemError unauthenticated for a wrong token, rate_limited after too many of them
   */
  identify(request: IncomingMessage): Actor | undefined {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) return this.#byToken(authorization, request);
    const session = this.sessions.read(cookie);
    if (!session) return undefined;
    const { id, role, expiresMs } = session;
    return { role, name: browserName(session), session: { id, expiresMs } };
  }

  /** @throws ProblemError unauthenticated or rate_limited */
  login(token: string, request: IncomingMessage): Role {
    const role = this.#options.tokens.login(token);
    this.#limitFailures(this.#logins, request, token, role);
    if (role) return role;
    throw new ProblemError(
      'unauthenticated',
      'This token is not valid or was used before: the newest login link is in the terminal where cgdeck runs.',
    );
  }

  /** A proxy appends the address that it saw itself; those before it can be forged. */
  addressOf(request: IncomingMessage): string {
    const forwarded = this.#options.behindProxy ? request.headers['x-forwarded-for'] : undefined;
    const last = String(forwarded ?? '')
      .split(',')
      .at(-1)
      ?.trim();
    return last ? last : (request.socket.remoteAddress ?? 'unknown');
  }

  #byToken(authorization: string, request: IncomingMessage): Actor {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    const role = this.#options.tokens.roleOf(token);
    this.#limitFailures(this.#bearers, request, token, role);
    if (role) return { role, name: `${role} (token)` };
    throw new ProblemError(
      'unauthenticated',
      'The token in the Authorization header is not valid: it is CGDECK_TOKEN or CGDECK_VIEWER_TOKEN of the running server.',
    );
  }

  /**
   * A valid token is never delayed by the wrong ones of others, unless it is so short that it could be guessed.
   * @throws HttpProblem rate_limited
   */
  #limitFailures(limit: FailureLimit, request: IncomingMessage, token: string, role: Role | undefined): void {
    if (role && !canBeGuessed(token)) return;
    const address = this.addressOf(request);
    limit.check(address);
    if (!role) limit.failed(address);
  }
}

/** @throws ProblemError unauthenticated or forbidden */
export function requireRole(actor: Actor | undefined, role: Role): Actor {
  if (!actor) throw new ProblemError('unauthenticated', 'You are not logged in: log in, or send "Authorization: Bearer <token>".');
  if (role === 'operator' && actor.role !== 'operator') {
    throw new ProblemError('forbidden', 'This needs the operator’s role; a viewer may only read. Log in with the operator’s token.');
  }
  return actor;
}
