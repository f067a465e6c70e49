// The check of a launch request by the contract's schema. It is loaded once the form is shown: with its library it is as large as the form.
import './no-eval.ts';
import { LaunchRequest } from '../../server/contract/launch.ts';

/** @returns what is wrong, each with its place in the request */
export type RequestCheck = (request: LaunchRequest) => ReadonlyArray<{ readonly path: readonly PropertyKey[]; readonly message: string }>;

export const checkRequest: RequestCheck = (request) => LaunchRequest.safeParse(request).error?.issues ?? [];
