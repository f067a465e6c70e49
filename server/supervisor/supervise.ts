// A run of the supervisor, from settings to exit code.
import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings, type Settings, SettingsError, userDefaults } from '../settings.ts';
import type { ChildCommands } from './commands.ts';
import { EndedSessions } from './ended-sessions.ts';
import { makeFolders } from './folders.ts';
import { lockFolder } from './lock.ts';
import { checkMachine, checkUserNamespace, ownUser, type User, webUser } from './machine.ts';
import { NoticesFile } from './notices-file.ts';
import { protectFromOom } from './oom-protection.ts';
import { delegatedRoot, moveToOwnLeaf } from './own-group.ts';
import { Run } from './run.ts';
import { sessionKey } from './secrets.ts';
import { onStopSignals } from './signals.ts';
import { errnoOf, StartError } from './start-error.ts';

export interface SuperviseOptions {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly commands: ChildCommands;
  /** How often each child gets a ping. */
  readonly pingEveryMs?: number;
}

interface Prepared {
  readonly settings: Settings;
  readonly user: User;
  /** Removes what was created for this run, except the state. */
  cleanUp(): void;
}

function prepare(options: SuperviseOptions): Prepared {
  const uid = process.getuid?.() ?? 0;
  const settings = readSettings(options.args, options.env, uid === 0 ? undefined : userDefaults(options.env, delegatedRoot()));
  checkMachine();
  const user = uid === 0 ? webUser() : ownUser(uid);
  if (uid === 0) checkUserNamespace(user);
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
  // Before the children start, which begin in our group.
  moveToOwnLeaf(settings.managedRoot);
  protectFromOom();
  return {
    settings,
    user,
    cleanUp() {
      // A killed agent leaves it behind.
      rmSync(join(runDir, 'agent.sock'), { force: true });
      stateLock.release();
      runLock.release();
      if (!runDirIsNew) return;
      try {
        rmdirSync(runDir);
      } catch {
        // It has other content.
      }
    },
  };
}

/** The children get tokens over IPC: an environment is visible in /proc and inherited. */
function withoutTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CGDECK_TOKEN: _operator, CGDECK_VIEWER_TOKEN: _viewer, ...rest } = env;
  return rest;
}

/** @returns the exit code: 0 after a requested stop, 1 if it could not start */
export async function supervise(options: SuperviseOptions): Promise<number> {
  // A closed terminal must not end the run.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let prepared: Prepared | undefined;
  try {
    prepared = prepare(options);
    const { settings, user } = prepared;
    const run = new Run({
      settings,
      user,
      commands: options.commands,
      childEnv: withoutTokens(options.env),
      sessionKey: sessionKey(settings.stateDir),
      endedSessions: new EndedSessions(settings.stateDir),
      notices: new NoticesFile(settings.stateDir),
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
    const isRefusal = error instanceof StartError || error instanceof SettingsError;
    // A system error names its call and file; only an error of our own is worth its stack.
    if (!isRefusal && errnoOf(error) === undefined) throw error;
    console.error(isRefusal ? error.message : `cgdeck cannot start: ${String(error)}: check the folders of --state-dir and --run-dir.`);
    return 1;
  } finally {
    prepared?.cleanUp();
  }
}
