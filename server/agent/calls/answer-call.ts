// Answers a call by its handler; an act that has a key, once.
import type { CallName } from '../../contract/calls.ts';
import type { Handlers } from './call-parts.ts';
import type { DoneCalls } from './done-calls.ts';

export function answerer(handlers: Handlers, done: DoneCalls) {
  return (call: CallName, params: unknown, { name: by }: { readonly name: string }, key?: string): Promise<unknown> => {
    // The link has checked the parameters by the call's schema, which the compiler cannot know.
    const handler = handlers[call] as (params: unknown, by: string) => unknown;
    const work = () => Promise.resolve().then(() => handler(params, by));
    return key === undefined ? work() : done.once({ key, call, params, by }, work);
  };
}
