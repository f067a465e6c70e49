// A run of the supervisor, from settings to exit code.
import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings, type Settings, SettingsError, userDefaults } from '../settings.ts';
import type { ChildCommands } from './commands.ts';
import { EndedSessions } from './ended-sessions.ts';
import { makeFolders } from './folders.ts';
import { lockFolder } from './lock.ts';
import { checkMachine, ownUser, type User, webUser } from './machine.ts';
import { delegatedRoot, standAside } from './own-group.ts';
import { Run } from './run.ts';
import { sessionKey } from './secrets.ts';
import { onStopSignals } from './signals.ts';
import { StartError } from './start-error.ts';

export interface SuperviseOptions {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly commands: ChildCommands;
  /** How often each child is asked for a sign of life. */
  readonly pingEveryMs?: number;
}

interface Ground {
  readonly settings: Settings;
  readonly user: User;
  /** Undoes what was made for this run; the state stays. */
  leave(): void;
}

function prepare(options: SuperviseOptions): Ground {
  const uid = process.getuid?.() ?? 0;
  const settings = readSettings(options.args, options.env, uid === 0 ? undefined : userDefaults(options.env, delegatedRoot()));
  checkMachine();
  const user = uid === 0 ? webUser() : ownUser(uid);
  const { stateDir, runDir } = settings;
  const runDirIsNew = makeFolders(stateDir, runDir, user);
  const runLock = lockFolder(runDir, 'run directory');
  let stateLock: ReturnType<typeof lockFolder>;
  try {
    stateLock = lockFolder(stateDir, 'state directory');
  } catch (error) {
    runLock.release();
    throw error;
  }
  // Before there are children, who are born where we are.
  standAside(settings.managedRoot);
  return {
    settings,
    user,
    leave() {
      // An agent that was killed could not remove it.
      rmSync(join(runDir, 'agent.sock'), { force: true });
      stateLock.release();
      runLock.release();
      if (!runDirIsNew) return;
      try {
        rmdirSync(runDir);
      } catch {
        // Something else is in it by now: not ours to remove.
      }
    },
  };
}

/** The children get the tokens over IPC: an environment can be read in /proc and is handed on to what they start. */
function withoutTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CGDECK_TOKEN: _operator, CGDECK_VIEWER_TOKEN: _viewer, ...rest } = env;
  return rest;
}

/** @returns the exit code: 0 after a stop that was asked for, 1 where it could not start */
export async function supervise(options: SuperviseOptions): Promise<number> {
  // A terminal that has gone away must not end the run.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let ground: Ground | undefined;
  try {
    ground = prepare(options);
    const { settings, user } = ground;
    const run = new Run({
      settings,
      user,
      commands: options.commands,
      childEnv: withoutTokens(options.env),
      sessionKey: sessionKey(settings.stateDir),
      endedSessions: new EndedSessions(settings.stateDir),
      operatorToken: options.env.CGDECK_TOKEN,
      viewerToken: options.env.CGDECK_VIEWER_TOKEN,
      pingEveryMs: options.pingEveryMs,
    });
    onStopSignals(
      () => run.stop(),
      () => run.hurry(),
    );
    return await run.untilStopped();
  } catch (error) {
    if (!(error instanceof StartError || error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    ground?.leave();
  }
}
