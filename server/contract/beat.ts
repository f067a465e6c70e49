// How client and server of a stream know that the other is there.

/** What a client may send, as often as every second: it is answered by the same, so that each side knows that the other is there. */
export const BEAT = '{"type":"beat"}';
