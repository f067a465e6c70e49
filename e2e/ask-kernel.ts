// Access to the kernel behind the page: this machine's, or that of a test machine, where a program of the tests (inside.ts) reads the same files.
import { z } from 'zod';
import * as groups from './kernel.ts';
import * as machine from './machine.ts';
import * as processes from './processes.ts';

const QUESTIONS = { ...groups, ...machine, ...processes };
type Questions = typeof QUESTIONS;

/** Reads and acts on the kernel directly, without the server. */
export type Kernel = { readonly [Q in keyof Questions]: (...args: Parameters<Questions[Q]>) => Promise<ReturnType<Questions[Q]>> };

const Question = z.strictObject({ question: z.enum(Object.keys(QUESTIONS) as (keyof Questions)[]), args: z.array(z.json()) });

/** @throws what the reading throws, and for an unknown question */
export function answerTo(asked: unknown): unknown {
  const { question, args } = Question.parse(asked);
  return Reflect.apply(QUESTIONS[question], undefined, args);
}

function kernelThat(answers: (asked: { question: string; args: unknown[] }) => Promise<unknown>): Kernel {
  const asking = Object.keys(QUESTIONS).map((question) => [question, (...args: unknown[]) => answers({ question, args })]);
  return Object.fromEntries(asking) as Kernel;
}

export const kernelHere: Kernel = kernelThat(async (asked) => answerTo(asked));

/** @param url where inside.ts listens */
export function kernelAt(url: string): Kernel {
  return kernelThat(async (asked) => {
    const answer = await fetch(`${url}/kernel`, { method: 'POST', body: JSON.stringify(asked) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The guest's kernel was asked ${JSON.stringify(asked)}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  });
}
