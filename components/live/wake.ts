// When a page has reason to look at its connections at once: it is visible or focused again, the network is back, or the machine has slept.

const TICK_MS = 1000;
/** A timer that is later was stopped together with the machine. */
const JUMP_MS = 4000;

/** Calls back when the page is hidden or shown. @returns ends it */
export function onVisible(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

/** @returns ends it */
export function onWake(listener: () => void): () => void {
  const visible = () => {
    if (!document.hidden) listener();
  };
  let lastMs = Date.now();
  const timer = setInterval(() => {
    const jumped = Date.now() - lastMs > JUMP_MS;
    lastMs = Date.now();
    // Browsers slow the timers of hidden pages.
    if (jumped) visible();
  }, TICK_MS);
  document.addEventListener('visibilitychange', visible);
  for (const event of ['focus', 'online', 'pageshow']) window.addEventListener(event, listener);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', visible);
    for (const event of ['focus', 'online', 'pageshow']) window.removeEventListener(event, listener);
  };
}
