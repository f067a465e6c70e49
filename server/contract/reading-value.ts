// A reading: a number in the file's own unit, or a word.

/** Such as 4096, "FROZEN", "max", "0-3". Absent readings are left out. */
export type ReadingValue = number | string;
export type Readings = Record<string, ReadingValue>;
/** A moment of a history as well, in which what was not known yet is undefined. */
export type SomeReadings = Readonly<Record<string, ReadingValue | undefined>>;
