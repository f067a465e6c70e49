// Names that depend on the machine's version of control groups.
import { keyOn, type Quantity } from '../server/contract/quantities.ts';

/** Limits by quantity. */
export type Limits = Readonly<Partial<Record<Quantity, string>>>;

/** The control file of a quantity. */
export function fileOf(quantity: Quantity, version: 1 | 2): string {
  const [file] = keyOn(quantity, version)?.split(':') ?? [];
  if (file === undefined) throw new Error(`v${version} has no file for ${quantity}.`);
  return file;
}

/** The same limits by control file, as a launch takes them. */
export function filesOf(limits: Limits, version: 1 | 2): Record<string, string> {
  return Object.fromEntries(Object.entries(limits).map(([quantity, value]) => [fileOf(quantity as Quantity, version), value]));
}

/** The kernel's word for a frozen group. */
export const FROZEN = { 1: 'FROZEN', 2: 'frozen 1' } as const;
