// The schemas of group paths and names, and of the inode that says which group of that name is meant.
import { z } from 'zod';
import { newNameFault, newPathFault, pathFault } from './paths.ts';
import { escapeUnseen } from './spelling.ts';

function checkedBy(faultOf: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx<string>) => {
    const fault = faultOf(text);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  };
}

/** A group's path. Invisible characters become their escapes. */
export const GroupPath = z
  .string()
  .overwrite(escapeUnseen)
  .superRefine(checkedBy(pathFault))
  .meta({ description: 'A group’s path from the root of its hierarchy, such as /cgdeck/web' });

/** The path of a new group. */
export const NewGroupPath = z
  .string()
  .superRefine(checkedBy((path) => (path === '/' ? undefined : newPathFault(path))))
  .meta({ description: 'The path of a new group, such as /cgdeck/web' });

/** An act on a group may name its `inode`, as frames and GET /groups have it: a group that was made again has another, and is not acted on. */
export const Inode = z
  .int()
  .min(1)
  .meta({ description: 'The inode of the group that is meant; if another group has its name by now, the call is refused (replaced)' });

/** The name of a new group: one segment of its path. */
export const GroupName = z.string().superRefine(checkedBy(newNameFault));
