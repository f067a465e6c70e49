// The sentences for what the kernel or a tool refused of a network: what was asked, what it answered, what to do.
import { type ProblemCode, ProblemError } from '../../../contract/problems.ts';
import { ToolFailure } from './tools.ts';

interface Advice {
  readonly says: RegExp;
  readonly code: ProblemCode;
  readonly errno?: string;
  readonly advice: string;
}

/** The tools print strerror(3), and for some refusals a sentence of the kernel’s own. */
const ADVICE: readonly Advice[] = [
  { says: /^$/, code: 'busy', advice: 'It did not end in time and was stopped: try again when the machine is less busy.' },
  { says: /not installed/, code: 'unsupported', advice: 'Install it (iproute2, util-linux, nftables) and start cgdeck again.' },
  {
    says: /Operation not permitted|Permission denied/,
    code: 'kernel_refused',
    errno: 'EPERM',
    advice: 'The agent may lack CAP_NET_ADMIN or CAP_SYS_ADMIN here, as within a container.',
  },
  {
    says: /File exists/,
    code: 'conflict',
    errno: 'EEXIST',
    advice: 'The namespace has a device eth0 already, or the host one of that name: launch into a fresh network namespace.',
  },
  {
    says: /Cannot find device|No such device|No such process|does not exist/,
    code: 'not_found',
    errno: 'ENODEV',
    advice: 'The device or the process’s namespace has gone meanwhile.',
  },
  {
    says: /not supported|Unknown device type|kind is unknown|not found/,
    code: 'unsupported',
    errno: 'EOPNOTSUPP',
    advice: 'This kernel was built without it (veth, sch_tbf, nf_tables), or its module is not there.',
  },
];

/** A problem document for a step that failed; whatever is no failure of a tool or of a file goes on as it is. */
export function networkRefusal(owner: string, cause: unknown): unknown {
  if (cause instanceof ToolFailure) {
    const { path, asked, answer } = cause;
    const found = ADVICE.find(({ says }) => says.test(answer));
    const words = answer === '' ? 'nothing' : `"${answer}"`;
    const advice = found?.advice ?? 'See ip(8), tc(8) and nft(8) for what it takes.';
    return new ProblemError(
      found?.code ?? 'kernel_refused',
      `The network of ${owner} could not be set up as asked: ${path} answered ${words} to "${asked}". ${advice}`,
      { errno: found?.errno, file: path, asked, cause },
    );
  }
  const { code, path } = cause as NodeJS.ErrnoException;
  if (cause instanceof ProblemError || typeof code !== 'string' || path === undefined) return cause;
  return new ProblemError(
    'kernel_refused',
    `The network of ${owner} could not be set up as asked: the kernel answered ${code} to writing ${path}. See that the agent may write it, which is not so in most containers.`,
    { errno: code, file: path, cause },
  );
}
