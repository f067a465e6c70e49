// Size limits of the link.

/** A request is an HTTP body of at most 1 MiB, as JSON again. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** A full frame of ten thousand groups is some tens of MiB. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** With so much unsent, a peer gets no frames until it has read some. */
export const SLOW_PEER_BYTES = 8 * 1024 * 1024;

/** With so much unsent, a peer is disconnected; it reconnects with the id of its last event. More than any full frame. */
export const HUNG_PEER_BYTES = 64 * 1024 * 1024;

/** On this path the socket serves a terminal, on all others frames and calls. */
export const TERMINAL_PATH = '/terminal';

/** Terminals that browsers may have open. Each is a socket to a monitor and may buffer some hundred KiB. */
export const MAX_TERMINALS = 32;

/** With so many open, only operators may open more: viewers must not keep them out. */
export const VIEWERS_MOST_TERMINALS = 24;

/** Each terminal has another for a moment when it continues with a replay. A monitor takes as many (CLIENTS_MAX in native/launch/terminal.h). */
export const MAX_TERMINAL_LINKS = 2 * MAX_TERMINALS;

/** With so much output unsent, the agent pauses reading from the monitor. */
export const UNSENT_OUTPUT_BYTES = 128 * 1024;

/** With so much input that the program does not read, its terminal is closed. */
export const UNREAD_INPUT_BYTES = 1024 * 1024;

/** RFC 6455, 7.4.1, and the IANA registry of close codes. */
export const TERMINAL_CLOSE = { normal: 1000, goingAway: 1001, garbage: 1007, policy: 1008, tryAgain: 1013 } as const;
