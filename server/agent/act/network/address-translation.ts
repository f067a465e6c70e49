// Lets a launched process out under the host’s own address: a table of nftables for each (nft(8)), and forwarding on the way.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { DeviceNames } from './device-names.ts';
import { unless, writeSetting } from './links.ts';
import type { Tools } from './tools.ts';

const Tables = z.object({
  nftables: z.array(z.object({ table: z.object({ family: z.string(), name: z.string() }).optional() })),
});

export interface Translated {
  readonly device: string;
  readonly address: string;
}

/**
 * The rules for one launch: what it sends leaves under the host’s address; a source that is not its own, and a connection that others begin
 * towards it by way of the host, are dropped.
 * @param opened uplinks that forward only because of us: what comes in there and belongs to no connection from within is dropped, so that the
 *   host does not become its neighbours’ router. Connections that somebody’s own rules redirect (ct status dnat), as container engines do, pass.
 */
export function translationRules(table: string, { device, address }: Translated, opened: readonly string[]): string[] {
  return [
    // Making it first lets the deletion succeed, so that what an earlier, interrupted attempt left does not add up.
    `table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    `    ip saddr ${address} oifname != "${device}" masquerade`,
    '  }',
    '  chain forward {',
    '    type filter hook forward priority filter; policy accept;',
    `    iifname "${device}" ip saddr != ${address} drop`,
    `    oifname "${device}" ct state { new, invalid, untracked } drop`,
    ...opened.map((uplink) => `    iifname "${uplink}" ct state { new, invalid, untracked } ct status & dnat == 0 drop`),
    '  }',
    '}',
  ];
}

export class AddressTranslation {
  readonly #tools: Tools;
  readonly #names: DeviceNames;
  /** Uplinks on which forwarding was off before us. */
  #opened: string[];
  readonly #file: { save(): void; saveLess(): void };

  /** @param file keeps `opened` on disk: saved before forwarding is switched on, which throws if it cannot be, and after it is off again */
  constructor(tools: Tools, names: DeviceNames, opened: readonly string[], file: { save(): void; saveLess(): void }) {
    this.#tools = tools;
    this.#names = names;
    this.#opened = [...opened];
    this.#file = file;
  }

  get opened(): string[] {
    return [...this.#opened];
  }

  /** The rules are there before anything is forwarded. Forwarding asks for both ends: the device for what goes out, the uplink for what comes back. */
  async add(translated: Translated, uplinks: readonly string[]): Promise<void> {
    const closed = uplinks.filter((uplink) => !this.#opened.includes(uplink) && !forwards(uplink));
    if (closed.length > 0) {
      this.#opened.push(...closed);
      this.#file.save();
    }
    const table = this.#names.table(translated.device);
    await this.#tools.run('nft', ['-f', '-'], { lines: translationRules(table, translated, this.#opened) });
    for (const device of [translated.device, ...closed]) writeSetting('ipv4', device, 'forwarding', '1');
  }

  /** @param last whether no launch of ours needs forwarding any more */
  async remove(device: string, last: boolean): Promise<void> {
    await this.#removeTable(this.#names.table(device));
    if (last) await this.#close();
  }

  /** Removes the tables of this agent whose devices are not among those given. */
  async sweep(devices: ReadonlySet<string>): Promise<void> {
    if (!this.#tools.has('nft')) return;
    const keep = new Set([...devices].map((device) => this.#names.table(device)));
    for (const table of await this.#tables()) if (this.#names.hasOurTableName(table) && !keep.has(table)) await this.#removeTable(table);
    if (devices.size === 0) await this.#close();
  }

  async #close(): Promise<void> {
    if (this.#opened.length === 0) return;
    // Another agent found them open and counts on it: then they stay open.
    const needed = (await this.#tables()).some((table) => this.#names.hasAnyTableName(table));
    for (const uplink of this.#opened) if (!needed && forwards(uplink)) writeSetting('ipv4', uplink, 'forwarding', '0');
    this.#opened = [];
    this.#file.saveLess();
  }

  async #removeTable(table: string): Promise<void> {
    await this.#tools.run('nft', ['delete', 'table', 'ip', table]).catch(unless(true, /No such file or directory/));
  }

  async #tables(): Promise<string[]> {
    const { nftables } = Tables.parse(JSON.parse(await this.#tools.run('nft', ['-j', 'list', 'tables'])));
    return nftables.flatMap(({ table }) => (table?.family === 'ip' ? [table.name] : []));
  }
}

function forwards(device: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv4/conf/${device}/forwarding`, 'utf8').trim() === '1';
  } catch {
    // It is gone: nothing to open, nothing to close.
    return false;
  }
}
