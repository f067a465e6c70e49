// The fields of a webhook and of a mail server. A stored secret is never shown: its field is empty, and stays so unless it is to change.
'use client';
import type { ShownDestination } from '../../server/contract/notices.ts';
import { Caution } from '../ui/caution.tsx';
import { TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { type DestinationForm, type FormFaults, MAIL_PORTS, type MailSecurity, type Way } from './destination-form.ts';

export interface FieldsProps {
  readonly form: DestinationForm;
  readonly faults: FormFaults;
  readonly before: ShownDestination | undefined;
  readonly onChange: (more: Partial<DestinationForm>) => void;
}

const URL_HELP: Record<Exclude<Way, 'mail'>, string> = {
  slack: 'The URL of an incoming webhook of Slack, Mattermost or Rocket.Chat.',
  ntfy: 'The topic’s URL, such as https://ntfy.sh/my-topic.',
  discord: 'The URL of a channel’s webhook.',
  alertmanager: 'Alertmanager’s address, such as http://alerts.example.org:9093.',
  json: 'Gets a POST with the events as JSON.',
};

export function WebhookFields({ form, faults, before, onChange }: FieldsProps) {
  const stored = before?.to.type === 'webhook' ? before.to : undefined;
  return (
    <>
      <TextField
        label="URL"
        mono
        inputMode="url"
        value={form.url}
        fault={faults.url}
        placeholder={stored ? `as it is: ${stored.host}${stored.ending === undefined ? '' : ` …${stored.ending}`}` : 'https://'}
        help={form.way === 'mail' ? undefined : URL_HELP[form.way]}
        onChange={(url) => onChange({ url })}
      />
      {form.url.trim().startsWith('http:') && <Caution>Without https the message and its secrets are sent unencrypted.</Caution>}
      <TextField
        label="Token"
        mono
        type="password"
        autoComplete="new-password"
        value={form.token}
        placeholder={stored?.hasToken ? 'as it is' : 'none'}
        help="Sent as “Authorization: Bearer”, where the receiver wants one."
        onChange={(token) => onChange({ token })}
      />
    </>
  );
}

const SECURITIES: ReadonlyArray<{ readonly value: MailSecurity; readonly label: string }> = [
  { value: 'starttls', label: 'STARTTLS, which must succeed' },
  { value: 'tls', label: 'TLS from the start' },
  { value: 'none', label: 'Not encrypted' },
];

export function MailFields({ form, faults, before, onChange }: FieldsProps) {
  const stored = before?.to.type === 'mail' && before.to.hasPassword;
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_88px] gap-2">
        <TextField label="Mail server" mono value={form.host} fault={faults.host} onChange={(host) => onChange({ host })} />
        <TextField label="Port" mono inputMode="numeric" value={form.port} fault={faults.port} onChange={(port) => onChange({ port })} />
      </div>
      <div className="flex flex-col gap-1">
        <span aria-hidden className="text-sm font-medium">
          Encryption
        </span>
        <Select
          label="Encryption"
          options={SECURITIES}
          value={form.security}
          onChange={(security) => onChange({ security, port: MAIL_PORTS[security] })}
        />
      </div>
      {form.security === 'none' && <Caution>The message, and the password if there is one, are sent unencrypted.</Caution>}
      <div className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        <TextField label="User" mono value={form.user} placeholder="none" onChange={(user) => onChange({ user })} />
        <TextField
          label="Password"
          mono
          type="password"
          autoComplete="new-password"
          value={form.password}
          placeholder={stored ? 'as it is' : 'none'}
          onChange={(password) => onChange({ password })}
        />
      </div>
      <TextField label="From" mono value={form.from} fault={faults.from} onChange={(from) => onChange({ from })} />
      <TextField label="To" mono value={form.recipients} fault={faults.recipients} onChange={(recipients) => onChange({ recipients })} />
    </>
  );
}
