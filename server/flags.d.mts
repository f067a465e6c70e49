// The types of flags.mjs.
type Text = 'listen' | 'root' | 'interval' | 'state-dir' | 'run-dir' | 'network-range' | 'forecast' | 'tls-cert' | 'tls-key';
type Texts = 'control' | 'share' | 'pressure';
type Switch = 'behind-proxy' | 'notify-local' | 'help';

export const USAGE: string;
export function argumentFault(error: unknown): string;
export function readFlags(
  args: readonly string[],
): { readonly [F in Text]?: string } & { readonly [F in Texts]?: string[] } & { readonly [F in Switch]?: boolean };
