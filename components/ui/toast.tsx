// Short messages at the lower edge: what was done or refused, with Undo where that is possible.
'use client';
import type { Problem } from '../../server/contract/problems.ts';
import { later } from './later.tsx';
import type { Notice } from './toast-area.tsx';

const area = () => import('./toast-area.tsx');

/** In the frame, once. */
export const Toasts = later(async () => (await area()).ToastArea, { isNeeded: () => false });

export function notify(notice: Notice): void {
  void area().then(({ addNotice }) => addNotice(notice));
}

/** A refusal as its problem document has it; closes after 12 s. @param title what was not done, for somebody who has gone elsewhere */
export function notifyProblem(problem: Problem, title = problem.title): void {
  void area().then(({ addProblem }) => addProblem(problem, title));
}
