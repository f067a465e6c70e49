// The state of one thumb: held, asked about, being written, answered. Pure: no clock and no requests.
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import type { Question } from '../../ui/question-dialog.tsx';
import type { Size } from './scale.ts';

/** The result of the last write. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: WriteAnswer }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly asked: Size };

export interface ThumbState {
  readonly phase: 'idle' | 'held' | 'asking' | 'pending';
  /** The kernel’s last value, from a reading or a write’s answer; undefined before the first reading. */
  readonly kernel: Size | undefined;
  /** The thumb’s chosen value; only while it is held, asked about or being written. */
  readonly asked?: Size | undefined;
  readonly question?: Question | undefined;
  readonly outcome?: Outcome | undefined;
  /** After a write a reading may still have the value before it, and is ignored this many times. */
  readonly staleValue?: Size | undefined;
  readonly staleReadings: number;
}

export type ThumbAction =
  | { readonly type: 'reading'; readonly value: Size | undefined }
  | { readonly type: 'hold' }
  | { readonly type: 'move'; readonly size: Size }
  | { readonly type: 'release'; readonly question?: Question | undefined }
  | { readonly type: 'confirm' }
  | { readonly type: 'cancel' }
  | { readonly type: 'answered'; readonly answer: WriteAnswer; readonly value: Size }
  | { readonly type: 'refused'; readonly problem: Problem }
  /** Nothing was written: the agent asked back, and the answer was no. */
  | { readonly type: 'left' };

/** The frame read before the write was answered, and the one after it. */
const STALE_READINGS = 2;

export const initialThumb: ThumbState = { phase: 'idle', kernel: undefined, staleReadings: 0 };

/** The size at which the thumb is shown. */
export function shownSize(state: ThumbState): Size | undefined {
  return state.phase === 'idle' ? state.kernel : (state.asked ?? state.kernel);
}

export function thumbReducer(state: ThumbState, action: ThumbAction): ThumbState {
  switch (action.type) {
    case 'reading':
      return onReading(state, action.value);
    case 'hold':
      return state.phase === 'pending'
        ? state
        : { ...state, phase: 'held', asked: state.asked ?? state.kernel, outcome: undefined, question: undefined };
    case 'move':
      return state.phase === 'pending' ? state : { ...state, phase: 'held', asked: action.size, outcome: undefined, question: undefined };
    case 'release':
      return onRelease(state, action.question);
    case 'confirm':
      return state.phase === 'asking' ? { ...state, phase: 'pending', question: undefined } : state;
    case 'cancel':
      return state.phase === 'pending' ? state : { ...state, phase: 'idle', asked: undefined, question: undefined };
    case 'answered':
      return {
        phase: 'idle',
        kernel: action.value,
        outcome: { kind: 'answered', answer: action.answer },
        staleValue: state.kernel === action.value ? undefined : state.kernel,
        staleReadings: STALE_READINGS,
      };
    case 'left':
      return { ...state, phase: 'idle', asked: undefined };
    case 'refused':
      return {
        ...state,
        phase: 'idle',
        asked: undefined,
        outcome: { kind: 'refused', problem: action.problem, asked: state.asked ?? 'max' },
      };
  }
}

/** Readings never move a thumb that is held, asked about or being written: `asked` counts until the kernel answers. */
function onReading(state: ThumbState, value: Size | undefined): ThumbState {
  if (state.staleReadings > 0 && value !== undefined && value === state.staleValue) {
    return { ...state, staleReadings: state.staleReadings - 1 };
  }
  if (value === state.kernel && state.staleValue === undefined) return state;
  return { ...state, kernel: value, staleValue: undefined, staleReadings: 0 };
}

function onRelease(state: ThumbState, question: Question | undefined): ThumbState {
  if (state.phase !== 'held' || state.asked === undefined) return state;
  if (state.asked === state.kernel) return { ...state, phase: 'idle', asked: undefined };
  return question ? { ...state, phase: 'asking', question } : { ...state, phase: 'pending' };
}
