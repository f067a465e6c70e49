// Starts the web process: loads everything, binds the port, drops root, and then connects to the agent.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import systemInformation from 'systeminformation';
import type { FromChild, WebStart } from '../boot.ts';
import { ProblemError } from '../contract/problems.ts';
import { openTerminalLink } from '../link/terminal-web-end.ts';
import { connectWebEnd, type WebEnd } from '../link/web-end.ts';
import { packageFolder, packageVersion } from '../package-folder.ts';
import { Access } from './access.ts';
import type { AgentLink } from './agent-link.ts';
import { buildApp } from './app.ts';
import { readCertificate } from './certificate.ts';
import { Guard } from './guard.ts';
import { HostFacts } from './host-facts.ts';
import { listen } from './listen.ts';
import { CatchUp } from './notices/catch-up.ts';
import { Notices } from './notices/notices.ts';
import { NoticesStore } from './notices/store.ts';
import { cannotGainPrivileges, dropRoot } from './privileges.ts';
import { Sessions } from './sessions.ts';
import { Pages } from './static/pages.ts';
import { streamEndpoint } from './stream/endpoint.ts';
import { StreamHub } from './stream/hub.ts';
import { Terminals } from './terminal/terminals.ts';
import { canBeGuessed, Tokens } from './tokens.ts';
import { serveWebSockets } from './web-sockets.ts';

const FIRST_LINK_MS = 1000;
/** How long clients may take to close their connections. */
const CLOSE_MS = 200;

export interface Web {
  readonly port: number;
  renewLogin(token: string): void;
  /** The supervisor has stored the destinations of notices, or reports why it could not. */
  noticesStored(fault: string | undefined): void;
  stop(): Promise<void>;
}

/** @throws StartFault if it cannot start, with a sentence for the terminal */
export async function startWeb(start: WebStart, report: (message: FromChild) => void): Promise<Web> {
  const { settings } = start;
  const log = pino({ name: 'web' }, pino.destination(2));
  const version = packageVersion();
  const certificate = settings.tls && readCertificate(settings.tls);
  const behindProxy = settings.behindProxy;
  let port = settings.listen.port;
  let link: WebEnd | undefined;

  const agent: AgentLink = {
    get connected() {
      return link?.connected ?? false;
    },
    call(name, params, by, key) {
      if (link) return link.call(name, params, by, key);
      return Promise.reject(new ProblemError('agent_unavailable', 'The agent is not connected yet: try again in a second.'));
    },
  };
  const hub = new StreamHub({
    version,
    host: hostname(),
    intervalMs: settings.intervalMs,
    agent,
    onGap: () => {
      log.warn('a frame was missing: reconnecting to the agent');
      link?.restart();
    },
    onShown: (groups) => link?.shown(groups),
  });
  const linkOptions = { socketPath: join(settings.runDir, 'agent.sock'), linkKey: start.linkKey };
  const terminals = new Terminals({ log, openLink: (asked, handlers) => openTerminalLink(linkOptions, asked, handlers) });
  const tokens = new Tokens({ ...start, onLoginUsed: () => report({ type: 'login-used' }) });
  const guard = new Guard({
    listenHost: settings.listen.host,
    port: () => port,
    tls: certificate !== undefined,
    behindProxy,
    ...(certificate ? { isCertified: (name: string) => certificate.isFor(name) } : {}),
  });
  // A proxy is reached over TLS.
  const sessions = new Sessions({
    key: start.sessionKey,
    port: () => port,
    secure: certificate !== undefined || behindProxy,
    ended: start.endedSessions,
    onEnd: (session) => report({ type: 'session-ended', session }),
  });
  const access = new Access({ guard, sessions, tokens, behindProxy });
  const pages = new Pages(join(packageFolder, 'out'));
  const hostFacts = new HostFacts(systemInformation);
  const store = new NoticesStore((text) => report({ type: 'store-notices', text }));
  const notices = new Notices({ stored: start.notices, store: (text) => store.write(text), allowLocal: settings.notifyLocal ?? false });
  const catchUp = new CatchUp({
    seen: start.noticesSeen,
    agent,
    report: (event) => notices.event(event),
    store: (id) => report({ type: 'notices-seen', id }),
  });
  const app = await buildApp({ version, agent, access, hub, terminals, pages, hostFacts, notices, log, tls: certificate });
  serveWebSockets(app.server, [streamEndpoint(hub), terminals.endpoint], access, log);

  if (pages.isEmpty) log.warn('the UI has not been built: only the API is served');
  for (const token of [start.operatorToken, start.viewerToken]) {
    if (token && canBeGuessed(token)) log.warn('a token is so short that it can be guessed');
  }
  port = await listen(app, settings.listen.host, port);
  dropRootFor(start, log);

  const first = Promise.withResolvers<void>();
  link = connectWebEnd({
    ...linkOptions,
    sinceId: () => hub.lastEventId,
    onHello: (hello) => {
      hub.hello(hello);
      void catchUp.begin(hello.lastEventId);
    },
    onFrame: (bytes) => hub.frame(bytes),
    onEvent: (event) => {
      if (hub.event(event)) catchUp.event(event);
    },
    onConnected: (connected) => {
      log.info(connected ? 'the agent is connected' : 'the agent is disconnected');
      hub.agentConnected(connected);
      if (connected) first.resolve();
      else terminals.agentGone();
    },
    onFault: (err) => log.error({ err }, 'a message of the agent cannot be decoded'),
  });
  const linked = link;
  // Once ready, calls should work at once; but do not wait long for an agent.
  await Promise.race([first.promise, wait(FIRST_LINK_MS, undefined, { ref: false })]);

  return {
    port,
    renewLogin: (token) => tokens.renewLogin(token),
    noticesStored: (fault) => store.written(fault),
    async stop() {
      catchUp.close();
      notices.close();
      hub.close();
      terminals.close();
      linked.close();
      const timer = setTimeout(() => {
        hub.terminate();
        terminals.terminate();
      }, CLOSE_MS);
      await app.close();
      clearTimeout(timer);
    },
  };
}

function dropRootFor(start: WebStart, log: { warn(text: string): void }): void {
  // Without root there is nothing to drop.
  if (process.getuid?.() !== 0) return;
  process.chdir('/');
  dropRoot(start.uid, start.gid);
  if (!cannotGainPrivileges()) log.warn('the web process runs without no_new_privs: setpriv (util-linux) is missing');
}
