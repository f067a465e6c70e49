// The supervisor's entry: starts agent and web process, restarts them, and stops them in order.
import { childrenBeside } from './supervisor/commands.ts';
import { supervise } from './supervisor/supervise.ts';

process.title = 'cgdeck';
process.exitCode = await supervise({ args: process.argv.slice(2), env: process.env, commands: childrenBeside(import.meta.filename) });
// All is done, even if something keeps the event loop alive.
process.exit();
