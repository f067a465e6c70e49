// How much may wait or travel on the link.

/** A request is an HTTP body of at most 1 MiB, written anew as JSON. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** A full frame of ten thousand groups is some tens of MiB. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** So much unsent, and a peer gets no frames until it has read on. */
export const SLOW_PEER_BYTES = 8 * 1024 * 1024;
