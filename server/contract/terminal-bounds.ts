// How much of a terminal's input and output may be on its way.

/** Unacknowledged output that may be on its way to a client. */
export const WINDOW_BYTES = 256 * 1024;
/** The longest input message: a paste. */
export const MAX_INPUT_BYTES = 64 * 1024;
