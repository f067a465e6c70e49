// The login: a token typed in, or a link /login#<token> that logs in by itself.
'use client';
import { KeyRound, OctagonX } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { safeReturn } from '../frame/links.ts';
import { Mark } from '../frame/mark.tsx';
import { api } from '../live/api.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { BROKEN_LINK, type Refused, refusedLogin } from './login-outcome.ts';
import { isLinkToken } from './odd-link.ts';

/** Counts a wait down to zero. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

export function LoginPage() {
  const [token, setToken] = useState('');
  const [pending, setPending] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const [wait, setWait] = useCountdown();

  const login = useCallback(
    async (given: string, byLink: boolean) => {
      setPending(true);
      setRefused(undefined);
      try {
        await api.login({ token: given });
        // A full page load: nothing of a former session stays in memory.
        location.replace(safeReturn(new URLSearchParams(location.search).get('return')));
      } catch (error) {
        const outcome = refusedLogin(error, byLink);
        setRefused(outcome);
        if (outcome.waitSec !== undefined) setWait(Math.ceil(outcome.waitSec));
        setPending(false);
      }
    },
    [setWait],
  );

  useEffect(() => {
    const followLink = () => {
      const token = location.hash.slice(1);
      if (token === '') return;
      // The token leaves the address bar and the history before anything else happens.
      history.replaceState(null, '', location.pathname + location.search);
      if (isLinkToken(token)) void login(token, true);
      else setRefused(BROKEN_LINK);
    };
    followLink();
    // A link pasted into the tab that shows the login changes the hash alone: no page is loaded.
    window.addEventListener('hashchange', followLink);
    return () => window.removeEventListener('hashchange', followLink);
  }, [login]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!pending && wait === 0 && token.trim() !== '') void login(token.trim(), false);
  };

  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-12">
      <div className="w-full max-w-96">
        <div className="mb-8 flex items-center gap-3">
          <Mark className="size-10" />
          <div>
            <h1 className="text-xl font-semibold">cgdeck</h1>
            <p className="text-quiet">A live control room for control groups</p>
          </div>
        </div>
        <form noValidate onSubmit={submit} className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-5">
          <TextField
            label="Token"
            type="password"
            mono
            value={token}
            onChange={setToken}
            autoFocus
            autoComplete="current-password"
            help={
              <>
                It is in the link that <code className="font-mono text-text">npm start</code> prints.
              </>
            }
          />
          <Button icon={KeyRound} type="submit" variant="primary" pending={pending} reason={wait > 0 ? `Wait ${wait} s.` : undefined}>
            {pending ? 'Logging in' : wait > 0 ? `Wait ${wait} s` : 'Log in'}
          </Button>
          <div role="alert" className="empty:hidden">
            {refused && (
              <div className="flex gap-3 border-t border-line pt-4">
                <OctagonX aria-hidden className="mt-0.5 size-4 shrink-0 text-hard" />
                <div>
                  <p className="font-medium">{refused.title}</p>
                  <p className="mt-0.5 text-quiet">{refused.detail}</p>
                </div>
              </div>
            )}
          </div>
        </form>
      </div>
    </main>
  );
}
