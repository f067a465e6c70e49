// Addresses whose part behind the # is broken, as of a login link that a chat has cut: Next fails at them before any page can look.

/** Stands for a token that none is. */
const NO_TOKEN = '%25';

/** Runs in the document’s head, before Next reads the address. The web process hashes it for the CSP. */
export const addressScript = `(function(mend){mend();addEventListener('hashchange',mend)})(function(){try{decodeURIComponent(location.hash)}catch(e){history.replaceState(null,'',location.pathname+location.search+'#${NO_TOKEN}')}})`;

/** Whether it looks like a token of a printed link (server/supervisor/login-link.ts) or of a person’s choice: no blanks, no escapes. */
export function isLinkToken(text: string): boolean {
  return /^[!-$&-~]+$/.test(text);
}
