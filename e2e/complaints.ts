// Errors in the browser: console errors, uncaught exceptions and violations of the content policy. A test fails for each.
import { type BrowserContext, expect } from '@playwright/test';

/** Requests that fail while the server does not answer. */
export const CUT_OFF =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|WebSocket connection|status of 503/;

export class Complaints {
  readonly #logged: string[] = [];
  readonly #allowed: RegExp[] = [
    // A group may be removed before its history or its processes are requested.
    /status of 404 .*\/api\/v1\/(history|processes|groups|output|namespaces|layer|devices)\b/,
    // Chromium aborts requests when a network device appears or disappears, as with a launch with a routed network; the page asks again.
    /net::ERR_NETWORK_CHANGED/,
    // Chromium requests it by itself when a page is left before its icon is read.
    /status of 404 .*\/favicon\.ico/,
  ];

  /** For a test that provokes one, such as a refusal, which Chromium logs as a failed request. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  async listen(context: BrowserContext): Promise<void> {
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
        console.error(`The content policy forbids ${violatedDirective}: ${blockedURI} (${sourceFile}:${lineNumber})`),
      ),
    );
    context.on('console', (message) => {
      if (message.type() === 'error') this.#logged.push(`${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#logged.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  }

  check(): void {
    const left = this.#logged.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
    expect(left, 'Errors in the browser').toEqual([]);
  }
}
