// How our devices and tables are recognised, so that nothing of anybody else is ever removed.
const ALIAS_MAX_BYTES = 255;

export class DeviceNames {
  readonly #prefix: string;
  readonly #mark: string;

  /** @param instance hexadecimal, of one agent on this host */
  constructor(instance: string) {
    // A device's name has at most 15 characters (IFNAMSIZ): five leave room for six digits of the index, four million subnets.
    // The underscore is also allowed in the names of nftables and, unlike a dot, of sysctls.
    this.#prefix = `cgd${instance.slice(0, 5)}_`;
    this.#mark = `cgdeck:${instance}:`;
  }

  device(index: number): string {
    return `${this.#prefix}${index.toString(16)}`;
  }

  /** Says to a person whose device it is; ip-link(8) shows it. Every byte that `ip -batch` could take for its own syntax is escaped. */
  alias(owner: string): string {
    const escaped = Array.from(Buffer.from(owner), (byte) => {
      const char = String.fromCharCode(byte);
      return /[\w/.-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    }).join('');
    return `${this.#mark}${escaped}`.slice(0, ALIAS_MAX_BYTES);
  }

  /** The owner that an alias names; shortened if its path was very long. */
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

  /** Whether a table is one of ours: of this agent only, or of any on the host. */
  hasOurTableName(table: string): boolean {
    return table.startsWith(this.table(this.#prefix));
  }

  hasAnyTableName(table: string): boolean {
    return table.startsWith(this.table('cgd'));
  }
}
