// Notifications and a sound of this browser, while a page is open.
'use client';
import { Volume2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { useLeastSeverity, useNotificationsOn, useSoundOn } from './browser-choices.ts';
import { playTone } from './tone.ts';

const OPTIONS = [
  { value: 'critical', label: 'Critical: killed or at a standstill' },
  { value: 'warning', label: 'Warning or worse: near a limit' },
] as const;

/** Notifications exist only on pages from this machine or by https. */
const canNotify = () => 'Notification' in window && window.isSecureContext;

export function BrowserSection() {
  const [notifications, setNotifications] = useNotificationsOn();
  const [sound, setSound] = useSoundOn();
  const [least, setLeast] = useLeastSeverity();
  const [refused, setRefused] = useState<string>();
  const turn = async (on: boolean) => {
    setRefused(undefined);
    if (!on) return setNotifications('off');
    if (!canNotify()) return setRefused('This browser has no notifications for this page: they need https, or a page from this machine.');
    if ((await Notification.requestPermission()) === 'granted') return setNotifications('on');
    setRefused('The browser does not allow them: change that in its settings for this page.');
  };
  const turnSound = (on: boolean) => {
    setSound(on ? 'on' : 'off');
    if (on) playTone('warning');
  };
  return (
    <section aria-labelledby="browser" className="flex flex-col gap-3">
      <div>
        <h2 id="browser" className="font-semibold">
          This browser
        </h2>
        <p className="text-sm text-quiet">While a page of cgdeck is open, also in the background.</p>
      </div>
      <div className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-4">
        <Switch
          label="Notifications"
          help="Shown by the browser when something happens and the page is not in front."
          checked={notifications === 'on'}
          onChange={(on) => void turn(on)}
        >
          {refused !== undefined && (
            <span role="alert" className="block text-sm text-hard">
              {refused}
            </span>
          )}
        </Switch>
        <div className="flex flex-wrap items-start justify-between gap-2">
          <Switch label="Sound" help="Two short tones, once for a burst of events." checked={sound === 'on'} onChange={turnSound} />
          <Button icon={Volume2} onClick={() => playTone(least)}>
            Hear it
          </Button>
        </div>
        <Select label="For which events" options={OPTIONS} value={least} onChange={setLeast} className="w-full max-w-80" />
      </div>
    </section>
  );
}
