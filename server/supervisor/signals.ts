// Stop signals, from a terminal or a service manager.

/** On Ctrl-C both the terminal and npm send SIGINT: two within this time count as one. */
const SAME_REQUEST_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** @param stop called at the first signal @param hurry called at further ones */
export function onStopSignals(stop: () => void, hurry: () => void): void {
  let firstAt: number | undefined;
  const asked = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop();
    } else if (performance.now() - firstAt > SAME_REQUEST_MS) {
      hurry();
    }
  };
  for (const signal of SIGNALS) process.on(signal, asked);
}
