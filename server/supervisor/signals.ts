// Asks to stop, from a terminal or a service manager.

/** npm passes a Ctrl-C on to its child, which the terminal has signalled already: twice within this time is once. */
const SAME_REQUEST_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** @param stop called at the first request @param hurry called when somebody asks again */
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
