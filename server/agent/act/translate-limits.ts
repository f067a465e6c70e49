// Translates limits named after the other cgroup version's files to this machine's where they mean the same, else refuses them with what to use.
import { type ControlFile, findControlFile } from '../../contract/control-files.ts';
import type { Limits } from '../../contract/launch.ts';
import { limitsHere, type NamedHere } from '../../contract/limit-names.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

export type Translated = Pick<NamedHere, 'limits' | 'translated'>;

/** @throws ProblemError unsupported for a file that this machine lacks and that has no equal here */
export function translateLimits(asked: Limits, layout: Layout): Translated {
  const isHere = (name: string) => layout.place('/new', name, () => true) !== undefined;
  const { limits, translated, left } = limitsHere(asked, isHere);
  const [first] = left;
  if (first) throw notHere(first, isHere);
  return { limits, translated };
}

function notHere(file: ControlFile, isHere: (name: string) => boolean): ProblemError {
  const instead = (file.counterparts ?? []).filter(({ name }) => isHere(name));
  const advice =
    instead.length === 0
      ? 'This machine has nothing that corresponds to it.'
      : instead.map(({ name, differs }) => `Its counterpart here is ${name}. ${differs ?? findControlFile(name)?.help ?? ''}`).join(' ');
  return new ProblemError(
    'unsupported',
    `${file.name} is a file of cgroup v${file.version}, whose ${file.controller} controller is not on this machine. ${advice}`,
    {
      file: file.name,
    },
  );
}
