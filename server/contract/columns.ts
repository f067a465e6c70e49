// Readings of many groups by key: for each key the groups that have it and their values, so that no reading needs an object of its own.
import type { ReadingValue } from './reading-value.ts';

/** A changed reading; null: the reading no longer exists. */
export type Change = readonly [gid: number, key: string, value: ReadingValue | null];

/** `values[i]` is that of group `gids[i]`; of two for the same group the later counts. */
export interface Column {
  readonly key: string;
  readonly gids: readonly number[];
  readonly values: readonly (ReadingValue | null)[];
}

/** Columns that are being filled, in the order of each key's first reading. */
export class Columns {
  readonly #byKey = new Map<string, { readonly key: string; readonly gids: number[]; readonly values: (ReadingValue | null)[] }>();

  add(gid: number, key: string, value: ReadingValue | null): void {
    let column = this.#byKey.get(key);
    if (!column) {
      column = { key, gids: [], values: [] };
      this.#byKey.set(key, column);
    }
    column.gids.push(gid);
    column.values.push(value);
  }

  get all(): Column[] {
    return [...this.#byKey.values()];
  }
}

export function columnsOf(changes: Iterable<Change>): Column[] {
  const columns = new Columns();
  for (const change of changes) columns.add(...change);
  return columns.all;
}

/** Each gid as the difference from the one before; null: the same groups as in the column before. The values are divided by the scale. */
export type PackedColumn = readonly [key: string, gaps: readonly number[] | null, values: readonly PackedValue[], scale: number];
/** true: "max" */
type PackedValue = ReadingValue | null | true;

/** Memory is counted in pages, PSI in hundredths: as whole numbers they take fewer bytes (MessagePack: 1 to 5 instead of 9). */
const PAGE = 4096;
const HUNDREDTH = 0.01;

const fits: readonly { readonly scale: number; readonly isFor: (value: number) => boolean }[] = [
  { scale: PAGE, isFor: (value) => value % PAGE === 0 },
  { scale: 1, isFor: Number.isSafeInteger },
  { scale: HUNDREDTH, isFor: (value) => Number.isSafeInteger(Math.round(value * 100)) && Math.round(value * 100) / 100 === value },
];

const noGroups: readonly number[] = [];

export function packColumns(columns: readonly Column[]): PackedColumn[] {
  return columns.map(({ key, gids, values }, i) => {
    const scale = fits.find(({ isFor }) => values.every((value) => typeof value !== 'number' || isFor(value)))?.scale ?? 1;
    const pack = scale === HUNDREDTH ? (value: number) => Math.round(value * 100) : (value: number) => value / scale;
    const before = columns[i - 1]?.gids ?? noGroups;
    const isSame = before.length === gids.length && gids.every((gid, at) => gid === before[at]);
    return [
      key,
      isSame ? null : gids.map((gid, at) => gid - (gids[at - 1] ?? 0)),
      values.map((value) => (typeof value === 'number' ? pack(value) : value === 'max' ? true : value)),
      scale,
    ];
  });
}

export function unpackColumns(packed: readonly PackedColumn[]): Column[] {
  let gids = noGroups;
  return packed.map(([key, gaps, values, scale]) => {
    let gid = 0;
    if (gaps)
      gids = gaps.map((gap) => {
        gid += gap;
        return gid;
      });
    // A whole number divided by 100 is the double that its decimals are read as; multiplied by 0.01 it may not be.
    const unpack = scale === HUNDREDTH ? (value: number) => value / 100 : (value: number) => value * scale;
    return { key, gids, values: values.map((value) => (typeof value === 'number' ? unpack(value) : value === true ? 'max' : value)) };
  });
}
