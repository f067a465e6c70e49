// How much may wait or travel on the link.

/** A request is an HTTP body of at most 1 MiB, written anew as JSON. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** A full frame of ten thousand groups is some tens of MiB. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** So much unsent, and a peer gets no frames until it has read on. */
export const SLOW_PEER_BYTES = 8 * 1024 * 1024;

/** So much unsent, and a peer is cut off: it comes back with the id of the last event that it has. More than a full frame of very many groups. */
export const HUNG_PEER_BYTES = 64 * 1024 * 1024;

/** Where the socket serves a terminal; everywhere else it serves frames and calls. */
export const TERMINAL_PATH = '/terminal';

/** Each is a socket to a monitor, and may hold some hundred KiB back. */
export const MAX_TERMINALS = 32;

/** So much output of a terminal unsent, and the agent reads no more of it until some has gone. */
export const UNSENT_OUTPUT_BYTES = 128 * 1024;

/** So much input that a program does not read, and its terminal is closed. */
export const UNREAD_INPUT_BYTES = 1024 * 1024;

/** RFC 6455, 7.4.1, and the IANA registry of close codes. */
export const TERMINAL_CLOSE = { normal: 1000, goingAway: 1001, garbage: 1007, policy: 1008, tryAgain: 1013 } as const;
