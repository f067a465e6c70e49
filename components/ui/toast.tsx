// Short messages at the lower edge: what was done or refused, with Undo where that is possible.
'use client';
import type { Problem } from '../../server/contract/problems.ts';
import { later } from './later.tsx';

const area = () => import('./toast-area.tsx');

/** In the frame, once. */
export const Toasts = later(async () => (await area()).ToastArea, { isNeeded: () => false });

export interface ToastLink {
  readonly href: string;
  readonly label: string;
}

export interface Notice {
  /** One line: what happened. */
  readonly title: string;
  readonly detail?: string;
  /** Reverts it; the toast then closes. */
  readonly undo?: () => void;
  /** Where to see it, for somebody who has gone elsewhere meanwhile. */
  readonly link?: ToastLink | undefined;
}

export function notify(notice: Notice): void {
  void area().then(({ addNotice }) => addNotice(notice));
}

/** A refusal as its problem document has it; closes after 12 s. @param title what was not done, for somebody who has gone elsewhere */
export function notifyProblem(problem: Problem, title = problem.title): void {
  void area().then(({ addProblem }) => addProblem(problem, title));
}
