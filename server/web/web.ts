// Puts the web process together: loads everything, binds, gives up root, and only then speaks to the agent.
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
import { serveWebSockets } from './door.ts';
import { Guard } from './guard.ts';
import { HostFacts } from './host-facts.ts';
import { listen } from './listen.ts';
import { cannotGainPrivileges, dropRoot } from './privileges.ts';
import { Sessions } from './sessions.ts';
import { Pages } from './static/pages.ts';
import { StreamHub } from './stream/hub.ts';
import { streamPlace } from './stream/place.ts';
import { Terminals } from './terminal/terminals.ts';
import { canBeGuessed, Tokens } from './tokens.ts';

const FIRST_LINK_MS = 1000;
/** Clients get so long to read the goodbye. */
const GOODBYE_MS = 200;

export interface Web {
  readonly port: number;
  renewLogin(token: string): void;
  stop(): Promise<void>;
}

/** @throws StartFault where it cannot start, with a sentence for the person at the terminal */
export async function startWeb(start: WebStart, tellSupervisor: (message: FromChild) => void): Promise<Web> {
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
    call(name, params, by) {
      if (link) return link.call(name, params, by);
      return Promise.reject(new ProblemError('agent_unavailable', 'The agent is not connected yet: try again in a second.'));
    },
  };
  const hub = new StreamHub({
    version,
    host: hostname(),
    intervalMs: settings.intervalMs,
    agent,
    onGap: () => {
      log.warn('a frame was missing: the link starts over');
      link?.restart();
    },
  });
  const linkOptions = { socketPath: join(settings.runDir, 'agent.sock'), linkKey: start.linkKey };
  const terminals = new Terminals({ log, openLink: (asked, hearer) => openTerminalLink(linkOptions, asked, hearer) });
  const tokens = new Tokens({ ...start, onLoginUsed: () => tellSupervisor({ type: 'login-used' }) });
  const guard = new Guard({
    listenHost: settings.listen.host,
    port: () => port,
    tls: certificate !== undefined,
    behindProxy,
    ...(certificate ? { isCertified: (name: string) => certificate.isFor(name) } : {}),
  });
  // Behind a proxy the way to it is TLS: nothing else may be reached from outside.
  const sessions = new Sessions({
    key: start.sessionKey,
    port: () => port,
    secure: certificate !== undefined || behindProxy,
    ended: start.endedSessions,
    onEnd: (session) => tellSupervisor({ type: 'session-ended', session }),
  });
  const access = new Access({ guard, sessions, tokens, behindProxy });
  const pages = new Pages(join(packageFolder, 'out'));
  const hostFacts = new HostFacts(systemInformation);
  const app = await buildApp({ version, agent, access, hub, terminals, pages, hostFacts, log, tls: certificate });
  serveWebSockets(app.server, [streamPlace(hub), terminals.place], access, log);

  if (pages.isEmpty) log.warn('the UI has not been built: only the API is served');
  for (const token of [start.operatorToken, start.viewerToken]) {
    if (token && canBeGuessed(token)) log.warn('a token is so short that it could be guessed');
  }
  port = await listen(app, settings.listen.host, port);
  giveUpRoot(start, log);

  const first = Promise.withResolvers<void>();
  link = connectWebEnd({
    ...linkOptions,
    sinceId: () => hub.lastEventId,
    onHello: (hello) => hub.hello(hello),
    onFrame: (bytes) => hub.frame(bytes),
    onEvent: (event) => hub.event(event),
    onConnected: (connected) => {
      log.info(connected ? 'the agent is connected' : 'the agent is gone');
      hub.agentConnected(connected);
      if (connected) first.resolve();
      else terminals.agentGone();
    },
    onFault: (err) => log.error({ err }, 'the agent sent what cannot be read'),
  });
  const linked = link;
  // Whoever is told that it is ready may call at once; an agent that does not come is waited for no longer than this.
  await Promise.race([first.promise, wait(FIRST_LINK_MS, undefined, { ref: false })]);

  return {
    port,
    renewLogin: (token) => tokens.renewLogin(token),
    async stop() {
      hub.close();
      terminals.close();
      linked.close();
      const goodbye = setTimeout(() => {
        hub.terminate();
        terminals.terminate();
      }, GOODBYE_MS);
      await app.close();
      clearTimeout(goodbye);
    },
  };
}

function giveUpRoot(start: WebStart, log: { warn(text: string): void }): void {
  // Started by a user who is not root, there is nothing to give up (development).
  if (process.getuid?.() !== 0) return;
  process.chdir('/');
  dropRoot(start.uid, start.gid);
  if (!cannotGainPrivileges()) log.warn('the web process runs without no_new_privs: setpriv (util-linux) is missing');
}
