// One request on the agent's side: its checks, its answer, and a problem document for each error.
import { takesKey } from '../contract/call.ts';
import { type CallName, calls } from '../contract/calls.ts';
import { invalidSentence } from '../contract/invalid.ts';
import { type LinkMessage, LinkRequest } from '../contract/link.ts';
import { parseJson } from '../contract/parse-json.ts';
import { ProblemError } from '../contract/problems.ts';

/** Who makes the call. */
export type Caller = LinkRequest['by'];

export interface Answerer {
  /** The machine's name, in every message. */
  readonly host: string;
  /** Parameters and role are checked before. */
  readonly answer: (call: CallName, params: unknown, by: Caller, key?: string) => Promise<unknown>;
}

async function answerOf(request: LinkRequest, options: Answerer): Promise<unknown> {
  const call = calls[request.call];
  if (call.role === 'operator' && request.by.role !== 'operator') {
    throw new ProblemError('forbidden', `This needs the operator’s role; "${request.by.name}" may only read.`);
  }
  const params = call.params.safeParse(request.params);
  if (!params.success) throw new ProblemError('invalid', invalidSentence(params.error, 'The request', request.params));
  return options.answer(request.call, params.data, request.by, takesKey(call) ? request.key : undefined);
}

function problemOf(error: unknown, call: CallName, onError: (error: unknown, call: CallName) => void): ProblemError {
  if (error instanceof ProblemError) return error;
  onError(error, call);
  return new ProblemError('agent_unavailable', 'The agent could not answer because of an internal error; see its log.', {
    cause: error,
  });
}

/** @returns undefined if the text is not a request: the sender does not speak this protocol */
export async function answerRequest(
  text: string,
  options: Answerer,
  onError: (error: unknown, call: CallName) => void,
): Promise<LinkMessage | undefined> {
  const request = LinkRequest.safeParse(parseJson(text));
  if (!request.success) return undefined;
  const { id, call } = request.data;
  try {
    return { type: 'answer', host: options.host, id, result: await answerOf(request.data, options) };
  } catch (error) {
    return { type: 'problem', host: options.host, id, problem: problemOf(error, call, onError).problem };
  }
}
