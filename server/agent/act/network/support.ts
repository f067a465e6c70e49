// Finds out whether this machine supports routed networks and address translation, by trying them in a temporary namespace.
import { translationRules } from './address-translation.ts';
import { ToolFailure, type ToolName, type Tools } from './tools.ts';

export interface Support {
  /** A sentence why there can be no routed network; absent if there can. */
  readonly routed?: string;
  /** A sentence why there can be no address translation; absent if there can. */
  readonly nat?: string;
}

const PACKAGES: Record<ToolName, string> = {
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  unshare: 'util-linux',
};

async function whyNot(
  tools: Tools,
  what: string,
  name: ToolName,
  args: readonly string[],
  lines: readonly string[],
): Promise<string | undefined> {
  if (!tools.has(name))
    return `${what} needs the program ${name}, which is not installed: install ${PACKAGES[name]} and start cgdeck again.`;
  try {
    await tools.run('unshare', ['--net', tools.path(name), ...args], { lines });
    return undefined;
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    return `${what} is not available: ${name} answered "${error.answer}" to a trial in a temporary network namespace.`;
  }
}

/** Runs a few processes. The answer does not change while the agent runs. */
export async function findSupport(tools: Tools): Promise<Support> {
  const missing = (['nsenter', 'unshare'] as const).find((name) => !tools.has(name));
  const routed =
    missing === undefined
      ? ((await whyNot(tools, 'A routed network', 'ip', ['-batch', '-'], ['link add cgdeck0 type veth peer name cgdeck1'])) ??
        (await whyNot(tools, 'A routed network', 'tc', ['-batch', '-'], ['qdisc add dev lo root tbf rate 1mbit burst 5000b limit 9000b'])))
      : `A routed network needs the program ${missing}, which is not installed: install ${PACKAGES[missing]} and start cgdeck again.`;
  if (routed !== undefined) return { routed, nat: routed };
  const rules = translationRules('cgdeck', { device: 'cgdeck0', address: '10.0.0.2' }, ['cgdeck1']);
  const nat = await whyNot(tools, 'Address translation', 'nft', ['-f', '-'], rules);
  return nat === undefined ? {} : { nat };
}
