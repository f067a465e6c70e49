// What became of one attempt to deliver a message.
export interface Outcome {
  readonly delivered: boolean;
  /** What the destination answered, or why it did not: for people, bounded, without secrets. */
  readonly answer: string;
  /** Another attempt may succeed. */
  readonly retry: boolean;
  /** What the destination asks to wait before it. */
  readonly retryAfterMs?: number | undefined;
}

/** A destination that is not to be used, such as one on this machine: it will be the same the next time. */
export class RefusedTarget extends Error {}
