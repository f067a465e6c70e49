// The message of a refused login.
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import { RateLimitedError } from '../live/api.ts';
import { refusedLogin } from './login-outcome.ts';

describe('refusedLogin', () => {
  const wrong = new ProblemError('unauthenticated', 'no');

  it('distinguishes a used link from a wrong token', () => {
    expect(refusedLogin(wrong, true).title).toContain('link');
    expect(refusedLogin(wrong, false).title).toContain('token');
  });

  it('has how long to wait', () => {
    const limited = new RateLimitedError(new ProblemError('rate_limited', 'slow down').problem, 42);
    expect(refusedLogin(limited, false).waitSec).toBe(42);
  });

  it('asks whether the server runs', () => {
    expect(refusedLogin(new ProblemError('agent_unavailable', 'x'), false).title).toBe('The server does not answer');
  });
});
