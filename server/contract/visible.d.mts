// The types of visible.mjs.
export const UNSEEN: RegExp;
export function visible(text: string, keep?: string): string;
export function visibleJson(json: string): string;
