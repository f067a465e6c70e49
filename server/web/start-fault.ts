// A reason not to start at all, as one sentence for the person at the terminal; trying again would not help.
export class StartFault extends Error {}
