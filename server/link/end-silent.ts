// A hung process keeps its sockets: whoever gives no sign of life is cut off, and comes back when it lives again.
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 1000;
/** Generous: a machine that is out of memory stands still for seconds. */
const MISSED_PINGS = 10;

/**
 * Ends the connection once ten pings in a row got neither a pong nor a message. Counted, not timed: after we stood still ourselves, what
 * arrived meanwhile is read first.
 */
export function endWhenSilent(socket: WebSocket, everyMs = PING_EVERY_MS): void {
  let unanswered = 0;
  const heard = () => {
    unanswered = 0;
  };
  socket.on('message', heard);
  socket.on('pong', heard);
  const timer = setInterval(() => {
    if (unanswered >= MISSED_PINGS) return socket.terminate();
    if (socket.readyState !== socket.OPEN) return;
    unanswered++;
    socket.ping();
  }, everyMs);
  timer.unref();
  socket.on('close', () => clearInterval(timer));
}
