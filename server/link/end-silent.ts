// Disconnects a peer that hangs: a hung process keeps its sockets open.
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 1000;
/** Generous: on a machine out of memory processes stop for seconds. */
const MISSED_PINGS = 10;

/**
 * Ends the connection after ten pings in a row without a pong or a message. Counted, not timed: if this process was stopped itself, it
 * reads what arrived meanwhile first.
 */
export function endWhenSilent(socket: WebSocket, everyMs = PING_EVERY_MS): void {
  let unanswered = 0;
  const answered = () => {
    unanswered = 0;
  };
  socket.on('message', answered);
  socket.on('pong', answered);
  const timer = setInterval(() => {
    if (unanswered >= MISSED_PINGS) return socket.terminate();
    if (socket.readyState !== socket.OPEN) return;
    unanswered++;
    socket.ping();
  }, everyMs);
  timer.unref();
  socket.on('close', () => clearInterval(timer));
}
