// The two children of a run: the order of start and stop, and their first messages.
import type { AgentStart, FromChild, WebStart } from '../boot.ts';
import type { Settings } from '../settings.ts';
import { type ChildPlan, type KeptChild, keepAlive } from './child.ts';
import type { ChildCommands } from './commands.ts';
import type { EndedSessions } from './ended-sessions.ts';
import { loginLink } from './login-link.ts';
import type { User } from './machine.ts';
import type { NoticesFile } from './notices-file.ts';
import { newKey, newLoginToken } from './secrets.ts';

/** How long each child may take to end after SIGTERM. */
const GRACE_MS = 5_000;
/** After so many failed starts a child is not started again. */
const STARTS = 5;
/** The 15 pings that a child may miss are half a minute. */
const PING_EVERY_MS = 2_000;

export interface RunOptions {
  readonly settings: Settings;
  readonly user: User;
  readonly commands: ChildCommands;
  readonly childEnv: NodeJS.ProcessEnv;
  readonly sessionKey: string;
  readonly endedSessions: EndedSessions;
  readonly notices: NoticesFile;
  readonly operatorToken: string | undefined;
  readonly viewerToken: string | undefined;
  readonly pingEveryMs?: number | undefined;
}

type Name = 'agent' | 'web';

export class Run {
  readonly #options: RunOptions;
  readonly #linkKey = newKey();
  readonly #agent: KeptChild;
  #settings: Settings;
  #web: KeptChild | undefined;
  #agentIsReady = false;
  #loginToken = newLoginToken();
  #announced = false;
  #reported: ReadonlySet<string> = new Set();
  readonly #stopped = Promise.withResolvers<number>();
  #stopping = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#agent = this.#keep('agent', {
      firstMessage: () => this.#agentStart(),
      onReady: ({ missing = [] }) => {
        this.#reportMissing(missing);
        if (this.#agentIsReady) return;
        this.#agentIsReady = true;
        this.#web?.begin();
      },
    });
    // It loads while the agent does, and binds its port when the agent is ready.
    this.#web = this.#keepWeb();
  }

  /** @returns the exit code, when both children have ended */
  untilStopped(): Promise<number> {
    return this.#stopped.promise;
  }

  stop(): void {
    this.#end(0);
  }

  hurry(): void {
    this.#web?.hurry();
    this.#agent.hurry();
  }

  #end(exitCode: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#web?.stopRestarting();
    this.#agent.stopRestarting();
    const inOrder = async () => {
      // The web process first, so that no call reaches an agent that is stopping.
      await this.#web?.stop(GRACE_MS);
      await this.#agent.stop(GRACE_MS);
      return exitCode;
    };
    this.#stopped.resolve(inOrder());
  }

  #keep(
    name: Name,
    plan: Pick<ChildPlan, 'firstMessage' | 'onSpawn'> & { onReady(message: FromChild & { type: 'ready' }): void },
  ): KeptChild {
    let failedStarts: number | undefined = 0;
    return keepAlive({
      ...plan,
      command: this.#options.commands[name],
      env: this.#options.childEnv,
      pingEveryMs: this.#options.pingEveryMs ?? PING_EVERY_MS,
      onMessage: (message) => {
        if (message.type === 'ready') {
          failedStarts = undefined;
          plan.onReady(message);
        } else if (message.type === 'login-used') {
          this.#renewLogin();
        } else if (message.type === 'session-ended') {
          this.#options.endedSessions.add(message.session);
        } else if (message.type === 'notices-seen') {
          this.#options.notices.seen = message.id;
        } else if (message.type === 'store-notices') {
          this.#web?.send({ type: 'notices-stored', fault: this.#options.notices.write(message.text) });
        } else {
          this.#fail(message.sentence);
        }
      },
      onHang: (pings) => console.error(`The ${name} process hangs: it has not answered ${pings} pings and is killed.`),
      onEnd: (how) => {
        if (failedStarts !== undefined && ++failedStarts >= STARTS) {
          this.#fail(`The ${name} process ended ${STARTS} times before it was ready (last with ${how}); see its messages above.`);
        } else {
          console.error(`The ${name} process ended (${how}) and is restarted.`);
        }
      },
    });
  }

  #fail(sentence: string): void {
    if (!this.#stopping) console.error(sentence);
    this.#end(1);
  }

  #keepWeb(): KeptChild {
    return this.#keep('web', {
      firstMessage: () => (this.#agentIsReady ? this.#webStart() : undefined),
      onSpawn: (pid) => this.#agent.send({ type: 'web-pid', pid }),
      onReady: ({ port }) => {
        // A restart keeps the port that the kernel chose, so that open pages can reconnect.
        if (port !== undefined) this.#settings = { ...this.#settings, listen: { ...this.#settings.listen, port } };
        this.#announce();
      },
    });
  }

  /** Each sentence once: a restarted agent reports the same. */
  #reportMissing(missing: readonly string[]): void {
    for (const sentence of missing) if (!this.#reported.has(sentence)) console.log(`Missing: ${sentence}`);
    this.#reported = new Set(missing);
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    console.log('cgdeck is ready.');
    console.log(loginLink(this.#settings, this.#loginToken));
  }

  #renewLogin(): void {
    this.#loginToken = newLoginToken();
    this.#web?.send({ type: 'login-token', token: this.#loginToken });
    console.log(`The login link was used. The next one: ${loginLink(this.#settings, this.#loginToken)}`);
  }

  #agentStart(): AgentStart {
    const web = this.#web?.pid;
    return {
      type: 'start',
      settings: this.#settings,
      linkKey: this.#linkKey,
      webUid: this.#options.user.uid,
      protectedPids: web === undefined ? [process.pid] : [process.pid, web],
    };
  }

  #webStart(): WebStart {
    const { user, sessionKey, endedSessions, operatorToken, viewerToken } = this.#options;
    const notices = this.#options.notices.read();
    const { seen } = this.#options.notices;
    return {
      type: 'start',
      settings: this.#settings,
      linkKey: this.#linkKey,
      uid: user.uid,
      gid: user.gid,
      sessionKey,
      endedSessions: endedSessions.all,
      loginToken: this.#loginToken,
      ...(operatorToken === undefined ? {} : { operatorToken }),
      ...(viewerToken === undefined ? {} : { viewerToken }),
      ...(notices === undefined ? {} : { notices }),
      ...(seen === undefined ? {} : { noticesSeen: seen }),
    };
  }
}
