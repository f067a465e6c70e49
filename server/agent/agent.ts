// Puts the agent together: observing, acting, launching, and the link to the web process.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { peerUid, raiseDescriptors } from '../../native/libc/process.ts';
import type { AgentStart } from '../boot.ts';
import { USUAL_FORECAST_SEC } from '../contract/forecast.ts';
import { usualPressure } from '../contract/pressure.ts';
import { ProblemError } from '../contract/problems.ts';
import { serveAgentEnd } from '../link/agent-end.ts';
import { DeviceControl } from './act/devices/device-control.ts';
import { Freezer } from './act/freezer.ts';
import { Groups } from './act/groups.ts';
import { LimitWriter } from './act/limits.ts';
import { ProcessOperations } from './act/process-operations.ts';
import { GroupProcesses } from './act/processes.ts';
import { Reclaimer } from './act/reclaim.ts';
import { answerer } from './calls/answer-call.ts';
import { calls } from './calls/calls.ts';
import { DoneCalls } from './calls/done-calls.ts';
import { describeHost } from './calls/host.ts';
import { assembleGuards } from './guard/assemble-guards.ts';
import { bootId } from './kernel/boot.ts';
import { ControlFileIo } from './kernel/files/control-file-io.ts';
import { hiddenSources, isForeignProc } from './kernel/hidden-sources.ts';
import { Layout } from './kernel/hierarchy/layout.ts';
import { isAboveNamespace, readHierarchies, readMountinfo } from './kernel/hierarchy/mounts.ts';
import { mayWriteDir, missingControllers, ownCgroupNamespace, viewLimits } from './kernel/hierarchy/view-limits.ts';
import { Reach } from './kernel/reach.ts';
import { Sources } from './kernel/sources.ts';
import { assembleLaunches } from './launch/assemble-launches.ts';
import { reportWaiting } from './observe/missed.ts';
import { Observer } from './observe/observer.ts';
import { Reporter } from './observe/reporter.ts';
import { ReportWriter } from './observe/reports/report-writer.ts';
import { watchVictims } from './observe/victims.ts';
import { Members } from './observe/watch/members.ts';
import { OomBlocks } from './observe/watch/oom-blocks.ts';
import { ProcessNotes } from './observe/watch/process-notes.ts';
import { OwnProcesses } from './own-processes.ts';
import { ActionJournal } from './state/action-journal.ts';
import { EventLog } from './state/event-log.ts';
import { GroupBook } from './state/group-book.ts';
import { ReportFiles } from './state/report-files.ts';
import { StateFaults } from './state/state-faults.ts';

/** 30 descriptors a group, for some thousand groups. */
const WANTED_DESCRIPTORS = 200_000;
/** More events than are sent between two writes to disk, or wait for a full disk. */
const SPARE_IDS = 1000;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export interface Agent {
  /** The web process was started, or restarted. */
  webPid(pid: number): void;
  /** What is missing on this machine, a sentence each. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

/** @throws Error whose message is one sentence for the person at the terminal */
export async function startAgent(start: AgentStart, version: string, failed: (error: unknown) => void): Promise<Agent> {
  const { settings } = start;
  const hierarchies = readHierarchies();
  if (hierarchies.length === 0) throw new Error('No cgroup hierarchy is mounted: mount cgroup v1 or v2 under /sys/fs/cgroup first.');
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 });
  const boot = bootId();
  const layout = new Layout(hierarchies);
  const reach = new Reach(
    settings.managedRoot,
    settings.control,
    start.protectedPids,
    hierarchies.some(isAboveNamespace) || isForeignProc(),
  );
  const faults = new StateFaults();
  const log = new EventLog(settings.stateDir, SPARE_IDS, faults);
  const journal = new ActionJournal(settings.stateDir, faults);
  const book = new GroupBook(settings.stateDir, boot, faults);
  const members = new Members(layout);
  const notes = new ProcessNotes();
  members.onSeen((pids, again) => notes.seen(pids, again));
  const reporter = new Reporter(log, members);
  const sources = new Sources(raiseDescriptors(WANTED_DESCRIPTORS));
  const own = new OwnProcesses(reach, () => observer.ownProcessesChanged());
  const missing = viewLimits({
    layout,
    managedRoot: settings.managedRoot,
    mountinfo: readMountinfo(),
    cgroupNamespace: ownCgroupNamespace(),
    uid: process.getuid?.() ?? 0,
    mayWrite: mayWriteDir,
  });

  missing.push(...hiddenSources(layout));

  const epoch = randomUUID();
  const observer = new Observer({
    host: hostname(),
    epoch,
    intervalMs: settings.intervalMs,
    forecastSec: settings.forecastSec ?? USUAL_FORECAST_SEC,
    layout,
    reach,
    pressure: settings.pressure ?? usualPressure,
    reporter,
    members,
    book,
    sources,
  });
  const blocks = new OomBlocks();
  const reports = new ReportFiles({ stateDir: settings.stateDir, faults });
  const reportWriter = new ReportWriter({ observer, log, journal, blocks, notes, files: reports, faults });
  const io = new ControlFileIo(layout, (path) => observer.tree.get(path));
  const parts = { layout, io, reach, observer, reporter, journal };
  const limits = new LimitWriter(parts);
  const devices = new DeviceControl(parts);
  const processes = new GroupProcesses(layout, observer.tree, io, reach);
  const groups = new Groups({ ...parts, processes, limits, devices });
  const { networks, noNetwork, templates, launches, launching, ...others } = await assembleLaunches({
    ...parts,
    settings,
    boot,
    sources,
    faults,
    groups,
    processes,
    armGuard: (group) => guards.arm(group),
  });
  missing.push(...others.missing);
  const operations = new ProcessOperations(parts, processes);
  const reclaimer = new Reclaimer(parts);
  const { guards, watchdog, problems } = assembleGuards({
    ...parts,
    sources,
    stateDir: settings.stateDir,
    runDir: settings.runDir,
    boot,
    faults,
    limits,
    operations,
    processes,
    reclaimer,
    ofLaunch: (group) => launches.records.get(group)?.guard,
    watchdogStarted: (pid) => own.started('watchdog', pid),
  });
  observer.listen({ removed: (group) => launches.forget(group) });
  observer.listen({
    added: (group) => guards.added(group),
    removed: (group) => guards.forget(group),
    written: (group, file) => guards.written(group, file),
  });
  const lacks = () => [missing, layout.missing(), observer.missing(), sources.missing(), faults.sentences, problems()].flat();
  const done = new DoneCalls(journal);
  const handlers = calls({
    ...parts,
    done,
    log,
    reports,
    reportWriter,
    limits,
    devices,
    freezer: new Freezer(parts, (group) => processes.membersWithin(group)),
    reclaimer,
    processes,
    operations,
    groups,
    guards,
    launches,
    launching,
    templates,
    host: describeHost({ layout, settings, version, noNetwork }),
    missing: lacks,
  });

  sources.start(failed, (name, error) => {
    console.error(`agent: the handler of ${name} threw, and is not called again:`, error);
    missing.push(`cgdeck stopped watching ${name} after an internal error (${messageOf(error)}): restart it.`);
  });
  observer.find();
  const victims = await watchVictims({ hierarchies, sources, reporter, log, boot, book, members, tree: observer.tree, blocks });
  if (typeof victims === 'string') missing.push(victims);
  observer.start();
  launches.adopt();
  // A launch may have a guard.
  missing.push(...(await guards.start()));
  reportWaiting(observer.tree, { layout, reporter });
  await launches.prepare();
  await networks.sweep(launches.records.running()).catch((error: unknown) => {
    // Not fatal: a device that stays costs a subnet.
    missing.push(`Devices that an earlier run left of routed networks could not be removed: ${messageOf(error)}`);
  });
  const link = await serveAgentEnd({
    socketPath: join(settings.runDir, 'agent.sock'),
    webUid: start.webUid,
    linkKey: start.linkKey,
    host: hostname(),
    epoch,
    peerUid,
    answer: answerer(handlers, done),
    fullFrame: () => observer.fullFrame(),
    onShown: (group) => observer.follow(group),
    eventsSince: (id) => log.since(id),
    lastEventId: () => log.lastId,
    completeSince: () => log.completeSince,
    openTerminal: launching.openTerminal,
  });
  // Last, so that a start that fails leaves no group.
  try {
    if (reach.isManaged(settings.managedRoot)) groups.completeRoot();
  } catch (error) {
    // Not fatal: groups are still shown.
    if (!(error instanceof ProblemError)) throw error;
    missing.push(`${settings.managedRoot} cannot be made in every hierarchy, so no groups can be made: ${error.problem.detail}`);
  }
  const lacking = observer.tree.get(settings.managedRoot) && missingControllers(layout, settings.managedRoot);
  if (lacking !== undefined) missing.push(lacking);
  observer.onFrame((bytes) => link.sendFrame(bytes));
  log.onEvent((event) => {
    link.sendEvent(event);
    guards.happened(event);
    if (event.kind === 'hold' && event.replaces === undefined) reportWriter.caught(event, event.facts.limit.group);
  });

  return {
    missing: lacks(),
    webPid: (pid) => own.started('web', pid),
    async stop() {
      await observer.stop();
      await guards.stop();
      await watchdog.close();
      await launches.close();
      groups.removeEmpty(launches.needed());
      await networks.close();
      if (typeof victims !== 'string') victims.close();
      observer.close();
      sources.stop();
      reporter.stop();
      await reportWriter.close();
      await link.close();
      log.close();
      journal.close();
      book.close();
    },
  };
}
