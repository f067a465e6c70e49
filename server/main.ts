// The supervisor's entry: starts the agent and the web process, keeps them alive, and ends them in order.
import { childrenBeside } from './supervisor/commands.ts';
import { supervise } from './supervisor/supervise.ts';

process.title = 'cgdeck';
process.exitCode = await supervise({ args: process.argv.slice(2), env: process.env, commands: childrenBeside(import.meta.filename) });
// Nothing is left to do, whatever still holds the event loop.
process.exit();
