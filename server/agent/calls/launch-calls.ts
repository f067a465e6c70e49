// Maps every call about launches to the operation that answers it.
import { readPart } from '../launch/output-files.ts';
import { readTail } from '../launch/output-tail.ts';
import type { CallParts, Handlers } from './call-parts.ts';

export function launchCalls({ io, launches, launching, templates }: CallParts) {
  return {
    launch: (request, by) => launching.launch(request, by),
    join: (asked, by) => launching.join(asked, by),
    stop: (asked, by) => launching.stop(asked, by),
    launchRequest: ({ group }) => launches.records.known(group).main.request,
    output: ({ group, id, after }) => {
      io.group(group);
      const { dir, tty } = launches.records.record(group, id);
      return { group, id, tty, ...readTail(dir, after) };
    },
    outputPart: ({ group, id, stream, at }) => {
      io.group(group);
      const { bytes, next } = readPart(launches.records.record(group, id).dir, stream, at);
      return { base64: bytes.toString('base64'), ...(next === undefined ? {} : { next }) };
    },
    setRates: (asked, by) => launching.setRates(asked, by),
    layer: (asked) => launches.layers.list('name' in asked ? launches.layers.dirOf(asked.name) : launches.layerDir(asked.group)),
    layers: async () => ({ layers: await launches.layers.kept() }),
    keepLayer: (asked, by) => launching.keepLayer(asked, by),
    dropLayer: (asked, by) => launching.dropLayer(asked, by),
    templates: () => ({ templates: templates.list() }),
    template: ({ name }) => templates.read(name),
    saveTemplate: (template, by) => launching.saveTemplate(template, by),
    removeTemplate: (asked, by) => launching.removeTemplate(asked, by),
  } satisfies Partial<Handlers>;
}
