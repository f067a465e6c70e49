// A reason not to start, in one sentence for the terminal; a retry would not help.
export class StartFault extends Error {}
