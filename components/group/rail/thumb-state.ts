// One thumb between a hand and the kernel: what it shows while it is held, asked about, being written, and after the answer. Pure: it owns no clock and no request.
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import type { Question } from './prediction.ts';
import type { Size } from './scale.ts';

/** How the last write went. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: WriteAnswer }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly asked: Size };

export interface ThumbState {
  readonly phase: 'idle' | 'held' | 'asking' | 'pending';
  /** What the kernel said last, by a reading or as a write's answer; undefined before the first reading. */
  readonly kernel: Size | undefined;
  /** Where the hand put it; only while it is held, asked about or being written. */
  readonly asked?: Size | undefined;
  readonly question?: Question | undefined;
  readonly outcome?: Outcome | undefined;
  /** After a write: a reading of the value before it may still be on its way, and is passed over this many times. */
  readonly staleValue?: Size | undefined;
  readonly staleReadings: number;
}

export type ThumbAction =
  | { readonly type: 'reading'; readonly value: Size | undefined }
  | { readonly type: 'hold' }
  | { readonly type: 'move'; readonly size: Size }
  | { readonly type: 'let-go'; readonly question?: Question | undefined }
  | { readonly type: 'confirm' }
  | { readonly type: 'cancel' }
  | { readonly type: 'answered'; readonly answer: WriteAnswer; readonly value: Size }
  | { readonly type: 'refused'; readonly problem: Problem }
  /** Nothing was written: the agent asked back, and the answer was no. */
  | { readonly type: 'left' };

/** A frame that was under way when the write was answered, and the one after it. */
const STALE_READINGS = 2;

export const initialThumb: ThumbState = { phase: 'idle', kernel: undefined, staleReadings: 0 };

/** Where the thumb stands on the screen. */
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
    case 'let-go':
      return onLetGo(state, action.question);
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

/** Readings never move a thumb that is held, asked about or being written: `asked` wins until the kernel answers. */
function onReading(state: ThumbState, value: Size | undefined): ThumbState {
  if (state.staleReadings > 0 && value !== undefined && value === state.staleValue) {
    return { ...state, staleReadings: state.staleReadings - 1 };
  }
  if (value === state.kernel && state.staleValue === undefined) return state;
  return { ...state, kernel: value, staleValue: undefined, staleReadings: 0 };
}

function onLetGo(state: ThumbState, question: Question | undefined): ThumbState {
  if (state.phase !== 'held' || state.asked === undefined) return state;
  if (state.asked === state.kernel) return { ...state, phase: 'idle', asked: undefined };
  return question ? { ...state, phase: 'asking', question } : { ...state, phase: 'pending' };
}
