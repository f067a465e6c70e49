// A reading: a number in the file's own unit, or a word.

/** Such as 4096, "FROZEN", "max", "0-3". */
export type ReadingValue = number | string;
export type Readings = Record<string, ReadingValue>;
/** Readings in which some are undefined, as in a moment of a history. */
export type SomeReadings = Readonly<Record<string, ReadingValue | undefined>>;
