// Who is logged in, the theme, and logging out.
'use client';
import { LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useSyncExternalStore } from 'react';
import { forgetDrafts } from '../launch/draft.ts';
import { api, problemOf } from '../live/api.ts';
import { useConnection } from '../live/hooks.ts';
import { live } from '../live/store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { notifyProblem } from '../ui/toast.tsx';
import { readTheme, setTheme, type Theme, watchTheme } from './theme.ts';
import { useMedia } from './use-media.ts';

const useTheme = (): Theme => useSyncExternalStore(watchTheme, readTheme, () => 'system');

function ThemeToggle() {
  const theme = useTheme();
  const systemDark = useMedia('(prefers-color-scheme: dark)', true);
  const dark = theme === 'dark' || (theme === 'system' && systemDark);
  return (
    <IconButton label={dark ? 'Use the light theme' : 'Use the dark theme'} onClick={() => setTheme(dark ? 'light' : 'dark')}>
      {dark ? <Sun aria-hidden strokeWidth={1.75} /> : <Moon aria-hidden strokeWidth={1.75} />}
    </IconButton>
  );
}

export function Account() {
  const { role, name } = useConnection();
  const theme = useTheme();
  const router = useRouter();
  const leave = async () => {
    try {
      await api.logout();
      forgetDrafts();
      live.deny();
      router.replace('/login');
    } catch (error) {
      notifyProblem(problemOf(error));
    }
  };
  return (
    <>
      <ThemeToggle />
      <Menu
        trigger={
          <Button variant="quiet" aria-label={role === undefined ? 'Account' : `Account: ${name}, ${role}`} className="px-2">
            <UserRound aria-hidden strokeWidth={1.75} />
            <span className="hidden capitalize min-[1440px]:inline">{role}</span>
          </Button>
        }
        heading={
          <>
            <p className="font-medium">{name ?? 'Not connected'}</p>
            <p className="text-sm text-quiet">
              {role === 'viewer' ? 'Viewer: may read, not act' : role === 'operator' ? 'Operator: may read and act' : 'Role not known yet'}
            </p>
          </>
        }
        groups={[
          [
            {
              label: 'Use the system’s theme',
              icon: <Monitor aria-hidden />,
              onSelect: () => setTheme('system'),
              reason: theme === 'system' ? 'In use now.' : undefined,
            },
          ],
          [{ label: 'Log out', icon: <LogOut aria-hidden />, onSelect: () => void leave() }],
        ]}
      />
    </>
  );
}
