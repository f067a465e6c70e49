// The steps that the launcher reports, and the sentence for one that failed: what was refused, and what to do.
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { parseJson } from '../../contract/parse-json.ts';
import { ProblemError } from '../../contract/problems.ts';

const Step = z.union([
  z.object({ step: z.string(), pid: z.number().int().optional(), note: z.string().optional() }),
  z.object({ error: z.object({ step: z.string(), errno: z.string().optional(), message: z.string(), what: z.string().optional() }) }),
]);
type LaunchError = Extract<z.infer<typeof Step>, { error: unknown }>['error'];

/** What to do about each step that can fail. */
const STEP_ADVICE: Record<string, string> = {
  exec: 'Check that the program’s path exists inside the launch, and that an unprivileged user may execute it.',
  child:
    'Something ended the new process before its program ran: a memory limit of the group that is too low for a start, a limit on its CPU time, or a kill from outside. See the group’s events, raise the limit, and launch again.',
  cwd: 'Choose a working directory that exists inside the launch and that an unprivileged user may enter.',
  groups: 'The kernel refused to move the process into the new group: check its cpuset and pids.max.',
  limits: 'Choose lower limits: nofile may be at most fs.nr_open, and only root may raise a hard limit above cgdeck’s own.',
  request: 'The launcher does not accept this request.',
  rootless:
    'This system does not permit that to users: check kernel.unprivileged_userns_clone, user.max_user_namespaces and the security modules, or start cgdeck as root.',
  timeout: 'The process could not be started in time: a limit of the group may be slowing it down.',
  trees:
    'Give a path that exists on the host and has no symbolic links. To use a folder that is not open to all users, start cgdeck with --share.',
  user: 'Name a user and a group that the launch itself has, or give numbers from 0 to 65535.',
  view: 'A root directory needs the folders dev, proc, sys, tmp and run as mount points. With a layer they are made.',
  bind: 'Choose a target that can be made inside the launch and is not in /proc, /sys or /dev.',
  join: 'The launch has ended, or its namespaces cannot be entered.',
};

const FEW_TASKS =
  'The pids.max of the group, or of one above it, is too low: a launch needs two tasks, one for its init and one for its program. Raise it, or launch without an init.';

/** Where the errno says more than the step. */
const ERRNO_ADVICE: Record<string, string> = {
  'exec E2BIG': '',
  'exec ENOEXEC': '',
  'exec ENOMEM': 'The memory limit of the group, or a resource limit (as, data, stack), is too low for this program.',
  'exec EAGAIN': 'The resource limit nproc is reached by the processes of the program’s user.',
  'init EAGAIN': FEW_TASKS,
  'clone EAGAIN': FEW_TASKS,
};

/** The field of the request that a failed step concerns, or the step itself if that is no single field. */
export type PartOf = (step: string, what: string) => string;

export function failure(error: LaunchError, partOf: PartOf): ProblemError {
  const what = error.what === undefined || error.what === '' ? '' : ` (${error.what})`;
  const errno = error.errno === undefined ? '' : `, ${error.errno}`;
  const advice =
    ERRNO_ADVICE[`${error.step} ${error.errno}`] ?? STEP_ADVICE[error.step] ?? 'The kernel or its settings may forbid this here.';
  return new ProblemError(
    // Not the kernel's refusal: the launcher is root, but checks that all users may enter the path.
    error.step === 'trees' && error.errno === 'EACCES' ? 'protected' : 'kernel_refused',
    `The launch failed at the step "${error.step}"${what}: ${error.message}${errno}.${advice === '' ? '' : ` ${advice}`} Everything it had made was removed.`,
    { errno: error.errno, file: error.what, asked: partOf(error.step, error.what ?? '') },
  );
}

/** Calls back for each valid line of the status. */
export function onSteps(status: Readable, onStep: (step: z.infer<typeof Step>) => void): void {
  let text = '';
  status.setEncoding('utf8');
  status.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const step = Step.safeParse(parseJson(line));
      if (step.success) onStep(step.data);
    }
  });
}
