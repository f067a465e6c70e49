// Address translation: a launch’s packets leave under the host’s address, by an nftables table for each launch (nft(8)) and IPv4 forwarding.
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
 * The rules for one launch: packets leave under the host’s address; packets with another source address than its own, and connections
 * from outside to it through the host, are dropped.
 * @param opened uplinks on which cgdeck switched forwarding on. Packets from there that belong to no connection from inside are dropped, so
 *   that the host does not route for its neighbours. Connections redirected by other rules (ct status dnat), as by container engines, pass.
 */
export function translationRules(table: string, { device, address }: Translated, opened: readonly string[]): string[] {
  return [
    // Created first so that the deletion succeeds, which removes rules that an interrupted attempt left.
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
  /** Uplinks on which cgdeck switched forwarding on. */
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

  /** Sets the rules first, then forwarding: on the device for packets out, on the uplinks for packets back. */
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

  /** @param last whether no other launch needs forwarding */
  async remove(device: string, last: boolean): Promise<void> {
    await this.#removeTable(this.#names.table(device));
    if (last) await this.#close();
  }

  /** Removes this agent’s tables, except those of the given devices. */
  async sweep(devices: ReadonlySet<string>): Promise<void> {
    if (!this.#tools.has('nft')) return;
    const keep = new Set([...devices].map((device) => this.#names.table(device)));
    for (const table of await this.#tables()) if (this.#names.hasOurTableName(table) && !keep.has(table)) await this.#removeTable(table);
    if (devices.size === 0) await this.#close();
  }

  async #close(): Promise<void> {
    if (this.#opened.length === 0) return;
    // Forwarding stays on while another agent’s launches need it.
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
    // The device was removed.
    return false;
  }
}
