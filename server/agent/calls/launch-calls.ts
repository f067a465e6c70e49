// Answers to the calls about launches: each checks who may, is journaled where it acts, and told as an event.
import { joinPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { readPart } from '../launch/output-files.ts';
import { readTail } from '../launch/output-tail.ts';
import type { CallParts, Handlers } from './call-parts.ts';

type LaunchCalls =
  | 'launch'
  | 'join'
  | 'stop'
  | 'launchRequest'
  | 'output'
  | 'outputPart'
  | 'setRates'
  | 'layer'
  | 'layers'
  | 'keepLayer'
  | 'dropLayer'
  | 'templates'
  | 'template'
  | 'saveTemplate'
  | 'removeTemplate';

export function launchCalls(
  parts: Pick<CallParts, 'io' | 'journal' | 'launches' | 'reach' | 'reporter' | 'templates'>,
): Pick<Handlers, LaunchCalls> {
  const { io, journal, launches, reach, reporter, templates } = parts;

  /** A rate as an event shows it. */
  const rateText = (bits: number | null | undefined) => (bits === null || bits === undefined ? 'max' : String(bits));

  async function keptLayer(name: string) {
    const layer = (await launches.layers.kept()).find((kept) => kept.name === name);
    if (!layer) throw new ProblemError('not_found', `There is no layer ${name} (any more).`, { file: name });
    return layer;
  }

  return {
    launch: async (request, by) => {
      const group = joinPath(reach.managedRoot, request.name);
      reach.mayWrite(group);
      const answer = await journal.record(
        { by, action: 'launch', group, facts: { request } },
        () => launches.launch(group, request, by),
        (done) => done,
      );
      reporter.report({ kind: 'launch', group, pid: answer.pid, argv: request.argv, by, time: Date.now() });
      return answer;
    },
    join: async ({ group, ...asked }, by) => {
      io.group(group);
      reach.mayWrite(group);
      const { id, pid, launchMs } = await journal.record(
        { by, action: 'join', group, facts: { request: asked } },
        () => launches.join(group, asked, by),
        (done) => ({ id: done.id, pid: done.pid }),
      );
      reporter.report({ kind: 'launch', group, pid, argv: asked.argv, launchId: id, by, time: Date.now() });
      return { group, id, pid, launchMs };
    },
    stop: async ({ group, graceMs }, by) => {
      io.group(group);
      reach.mayWrite(group);
      const answer = await journal.record(
        { by, action: 'stop', group, facts: { graceMs }, safer: true },
        () => launches.stop(group, graceMs),
        (done) => done,
      );
      if (answer.killed.length > 0) reporter.report({ kind: 'kill', group, pids: answer.killed, signal: 'SIGKILL', by, time: Date.now() });
      return { group, ...answer };
    },
    launchRequest: ({ group }) => launches.request(group),
    output: ({ group, id, after }) => {
      io.group(group);
      const { dir, tty } = launches.folder(group, id);
      return { group, id, tty, ...readTail(dir, after) };
    },
    outputPart: ({ group, id, stream, at }) => {
      io.group(group);
      const { bytes, next } = readPart(launches.folder(group, id).dir, stream, at);
      return { base64: bytes.toString('base64'), ...(next === undefined ? {} : { next }) };
    },
    setRates: async ({ group, rates }, by) => {
      io.group(group);
      reach.mayWrite(group);
      const before = launches.get(group)?.network?.rates ?? {};
      const network = await journal.record({ by, action: 'rates', group, facts: { rates } }, () => launches.setRates(group, rates));
      for (const side of ['egressBitsPerSec', 'ingressBitsPerSec'] as const) {
        const asked = rates[side];
        if (asked === undefined) continue;
        const file = side === 'egressBitsPerSec' ? 'net.egress' : 'net.ingress';
        const now = { old: rateText(before[side]), new: rateText(network.rates[side]), asked: rateText(asked) };
        reporter.report({ kind: 'write', group, file, ...now, by, time: Date.now() });
      }
      return network;
    },
    layer: (params) => launches.layers.list('name' in params ? launches.layers.dirOf(params.name) : launches.layerDir(params.group)),
    layers: async () => ({ layers: await launches.layers.kept() }),
    keepLayer: async ({ group, name }, by) => {
      io.group(group);
      reach.mayWrite(group);
      await journal.record({ by, action: 'keep layer', group, facts: { name } }, () => launches.keepLayer(group, name));
      return keptLayer(name);
    },
    dropLayer: async ({ name }, by) => {
      await journal.record({ by, action: 'drop layer', group: '/', facts: { name } }, async () => launches.layers.drop(name));
      return {};
    },
    templates: () => ({ templates: templates.list() }),
    template: ({ name }) => templates.read(name),
    saveTemplate: async (template, by) => {
      await journal.record({ by, action: 'save template', group: '/', facts: { name: template.name } }, async () =>
        templates.save(template),
      );
      return template;
    },
    removeTemplate: async ({ name }, by) => {
      await journal.record({ by, action: 'remove template', group: '/', facts: { name } }, async () => templates.remove(name));
      return {};
    },
  };
}
