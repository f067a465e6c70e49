// Composes the problem for a network step that the kernel or a tool refused: what was asked, the answer, what to do.
import { type ProblemCode, ProblemError } from '../../../contract/problems.ts';
import { ToolFailure } from './tools.ts';

interface Advice {
  readonly answer: RegExp;
  readonly code: ProblemCode;
  readonly errno?: string;
  readonly advice: string;
}

/** The tools print strerror(3), and for some refusals a sentence of the kernel’s own. */
const ADVICE: readonly Advice[] = [
  { answer: /^$/, code: 'busy', advice: 'It did not end in time and was killed: try again when the machine is less busy.' },
  { answer: /not installed/, code: 'unsupported', advice: 'Install it (iproute2, util-linux, nftables) and start cgdeck again.' },
  {
    answer: /Operation not permitted|Permission denied/,
    code: 'kernel_refused',
    errno: 'EPERM',
    advice: 'The agent may lack CAP_NET_ADMIN or CAP_SYS_ADMIN, as in a container.',
  },
  {
    answer: /File exists/,
    code: 'conflict',
    errno: 'EEXIST',
    advice: 'The namespace already has a device eth0, or the host one of that name: launch into a new network namespace.',
  },
  {
    answer: /Cannot find device|No such device|No such process|does not exist/,
    code: 'not_found',
    errno: 'ENODEV',
    advice: 'The device or the process’s namespace was removed meanwhile.',
  },
  {
    answer: /not supported|Unknown device type|kind is unknown|not found/,
    code: 'unsupported',
    errno: 'EOPNOTSUPP',
    advice: 'This kernel was built without it (veth, sch_tbf, nf_tables), or its module is not installed.',
  },
];

/** A ProblemError for a failure of a tool or of a file; any other cause is returned unchanged. */
export function networkRefusal(owner: string, cause: unknown): unknown {
  if (cause instanceof ToolFailure) {
    const { path, asked, answer } = cause;
    const found = ADVICE.find((one) => one.answer.test(answer));
    const words = answer === '' ? 'nothing' : `"${answer}"`;
    const advice = found?.advice ?? 'See ip(8), tc(8) and nft(8) for what it accepts.';
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
    `The network of ${owner} could not be set up as asked: the kernel answered ${code} to writing ${path}. Check that the agent may write this file; in most containers it may not.`,
    { errno: code, file: path, cause },
  );
}
