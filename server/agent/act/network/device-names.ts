// The names and aliases by which an agent recognises its own devices and tables, so that it removes no others.
const ALIAS_MAX_BYTES = 255;

export class DeviceNames {
  readonly #prefix: string;
  readonly #mark: string;

  /** @param instance the hexadecimal id of this agent */
  constructor(instance: string) {
    // A device name has at most 15 characters (IFNAMSIZ): 5 of the instance leave 6 digits for the index, of 4 million subnets.
    // An underscore is allowed in nftables names too, and, unlike a dot, in sysctl names.
    this.#prefix = `cgd${instance.slice(0, 5)}_`;
    this.#mark = `cgdeck:${instance}:`;
  }

  device(index: number): string {
    return `${this.#prefix}${index.toString(16)}`;
  }

  /** Names the owner of a device, as ip-link(8) shows it. Bytes that `ip -batch` could take for syntax are escaped. */
  alias(owner: string): string {
    const escaped = Array.from(Buffer.from(owner), (byte) => {
      const char = String.fromCharCode(byte);
      return /[\w/.-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    }).join('');
    return `${this.#mark}${escaped}`.slice(0, ALIAS_MAX_BYTES);
  }

  /** The owner that an alias names, cut if the path was very long. */
  owner(alias: string): string {
    const escaped = alias.slice(this.#mark.length);
    return Buffer.from(
      escaped.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString();
  }

  table(device: string): string {
    return `cgdeck_${device}`;
  }

  hasOurName(device: string): boolean {
    return device.startsWith(this.#prefix);
  }

  hasOurAlias(alias: string): boolean {
    return alias.startsWith(this.#mark);
  }

  hasOurTableName(table: string): boolean {
    return table.startsWith(this.table(this.#prefix));
  }

  /** Whether a table belongs to any agent on this host. */
  hasAnyTableName(table: string): boolean {
    return table.startsWith(this.table('cgd'));
  }
}
